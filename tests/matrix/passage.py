"""What two versions of the rules must agree on: nothing lost, nothing told twice, no sequence that skips.

What a signal says is for the rules, and these change between versions; the oracle knows the newest only.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from confluent_kafka import Message

from eropaf_client.publisher import Acknowledged
from eropaf_client.schemas.errors import Undecodable
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, HOUSEHOLD_RISK, PRIORITIES, REJECTED
from eropaf_client.schemas.wire import Codec
from tests.verdict import GAP, LOST, OUT_OF_ORDER, REPEATED, Verdict

Seen = Mapping[str, Sequence[Message]]


def judge_passage(
    seen: Seen, inputs: Sequence[str], acknowledged: Mapping[Acknowledged, str], registry: Registry
) -> Verdict:
    """Return what is lost, repeated, out of order or missing in a sequence, whichever version wrote it."""
    verdict = Verdict()
    for at in acknowledged:
        if not any((at.partition, at.offset) == (m.partition(), m.offset()) for m in seen[at.topic]):
            verdict.add(LOST, f"acknowledged {at.topic}-{at.partition}-{at.offset}")
    _judge_inputs(verdict, seen, inputs, registry)
    for topic, record in ((HOUSEHOLD_RISK, "HouseholdRisk"), (PRIORITIES, "PriorityUpdate")):
        verdict.updates = _judge_sequences(verdict, seen[topic], Codec(record, topic, registry))
    return verdict


def _judge_inputs(verdict: Verdict, seen: Seen, inputs: Sequence[str], registry: Registry) -> None:
    events, letters = (
        Codec("HouseholdEvent", HOUSEHOLD_EVENTS, registry),
        Codec("Rejected", REJECTED, registry),
    )
    told = Counter(
        [
            *(events.decode(each.value())["event_id"] for each in seen[HOUSEHOLD_EVENTS]),
            *(
                f"{letter['topic']}-{letter['partition']}-{letter['offset']}"
                for letter in (letters.decode(each.value()) for each in seen[REJECTED])
            ),
        ]
    )
    for topic in inputs:
        signals = Codec("ArrearsSignal", topic, registry)
        for message in seen[topic]:
            place = f"{topic}-{message.partition()}-{message.offset()}"
            verdict.inputs += 1
            if told[place] > 1:
                verdict.add(REPEATED, place)
            # A resident whom the register does not know yet is waited for.
            elif not told[place] and not _by_bsn(signals, message.value()):
                verdict.add(LOST, place)
    verdict.events, verdict.rejected = len(seen[HOUSEHOLD_EVENTS]), len(seen[REJECTED])


def _by_bsn(signals: Codec[Any], value: bytes | None) -> bool:
    try:
        return signals.decode(value)["resident"].get("bsn") is not None
    except Undecodable:
        return False


def _judge_sequences(verdict: Verdict, messages: Sequence[Message], codec: Codec[Any]) -> int:
    last: defaultdict[str, int] = defaultdict(int)
    for message in messages:
        if message.value() is None:
            continue
        record = codec.decode(message.value())
        household, sequence = record["household"], record["sequence"]
        if sequence == last[household]:
            verdict.add(REPEATED, f"{message.topic()} {sequence}")
        elif sequence < last[household]:
            verdict.add(OUT_OF_ORDER, f"{message.topic()} {sequence} after {last[household]}")
        elif sequence > last[household] + 1:
            verdict.add(GAP, f"{message.topic()} {sequence} after {last[household]}")
        last[household] = max(last[household], sequence)
    return len(messages)
