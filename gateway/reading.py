"""How the topics of the gateway are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from eropaf.gateway.feed import Heard
from eropaf.gateway.state import asked, stored, told
from eropaf.serving.reading import tell
from eropaf_client.records import PriorityUpdate
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import PRIORITIES, arrears, feedback, questions
from eropaf_client.schemas.wire import Codec
from eropaf_client.source import Source
from eropaf_client.topic_reader import Decode, TopicReader

CONNECTS_AS = "The gateway connects as `gateway`, for outreach as `outreach`"


def decoders(creditors: Sequence[str], registry: Registry) -> Mapping[str, Decode]:
    """Return how each topic of the creditors is read."""
    found: dict[str, Decode] = {}
    for creditor in creditors:
        signals = Codec("ArrearsSignal", arrears(creditor), registry)
        answers = Codec("CreditorFeedback", feedback(creditor), registry)
        before_a_visit = Codec("CreditorQuestion", questions(creditor), registry)
        found[arrears(creditor)] = _reader(signals, stored)
        found[feedback(creditor)] = _reader(answers, told)
        found[questions(creditor)] = _reader(before_a_visit, asked)
    return found


def _reader(codec: Codec[dict[str, Any]], make: Callable[[dict[str, Any]], Any]) -> Decode:
    return lambda data: make(codec.decode(data))


def signals_reader(source: Source, creditors: Sequence[str], registry: Registry) -> TopicReader:
    """Return the reader of what creditors said, were answered, and are asked."""
    return TopicReader(source, decoders(creditors, registry), tell)


def updates_reader(source: Source, registry: Registry) -> TopicReader:
    """Return the reader of what outreach is told, in the order of the topic: a cursor counts by that."""
    codec = Codec("PriorityUpdate", PRIORITIES, registry)

    def heard(value: bytes | None) -> Heard:
        return Heard(None if value is None else PriorityUpdate.from_record(codec.decode(value)))

    return TopicReader(source, {PRIORITIES: heard}, tell)
