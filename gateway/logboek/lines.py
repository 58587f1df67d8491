"""Lines of the processing log, as OTLP spans: what the records of a topic say was done, and to whom.

A line says when, which activity, and a pseudonym: nothing of a record's value. The same record is always the
same line, so one that is told twice can be seen to be.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any, NamedTuple

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

from eropaf.gateway.logboek.activities import ACTIVITIES, Activity, activity_of
from eropaf.gateway.logboek.subjects import Subjects
from eropaf_client.schemas.wire import TRACEPARENT

_64_BITS = (1 << 64) - 1
# Fields of a span: trace_id of 16 bytes, span_id and parent_span_id of 8, start and end in nanoseconds.
_TRACE, _SPAN, _PARENT = b"\x0a\x10", b"\x12\x08", b"\x22\x08"
_START, _END = b"\x39", b"\x41"

_W3C = re.compile(rb"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}")
_MS = 1_000_000


class Told(NamedTuple):
    """Lines, how many are of each activity, and the offset behind the last record of each partition."""

    lines: list[bytes]
    counts: Counter[Activity]
    reached: dict[tuple[str, int], int]


class Lines:
    """Makes lines. `register` is the address of the register of processing activities.

    What all lines of an activity have in common is encoded once: protobuf joins two encoded parts of a
    message by putting one behind the other. A span of the SDK costs more than a worker does for an event
    (ADR 74). Of what is left the digests are the most, so a line has one: its subject's.
    """

    def __init__(self, register: str, subjects: Subjects) -> None:
        self._subjects = subjects
        register = register.rstrip("/")
        # Without a caller all lines of an activity are as long, so what they begin with is the same.
        self._common = {each: (_head(made := _common(each, register)), made) for each in ACTIVITIES}
        self._places: dict[tuple[str, int], int] = {}
        # Whoever called us is described where the recipients and sources are: in the register.
        self._called = _attribute("dpl.core.foreign_operation.processor", f"{register}/creditors")
        resource = Resource(
            attributes=[_text("service.name", "eropaf"), _text("service.version", version("eropaf"))]
        )
        self._resource = ResourceSpans(resource=resource).SerializeToString()
        self._scope = ScopeSpans(scope=InstrumentationScope(name="eropaf.logboek")).SerializeToString()

    def add(self, told: Told, records: Iterable[Any]) -> None:
        """Add the lines of records to `told`: none of what was done to nobody."""
        for record in records:
            topic, partition, offset = record.topic(), record.partition(), record.offset()
            place = topic, partition
            told.reached[place] = offset + 1
            key = record.key() or b""
            activity = activity_of(topic, key, record.value())
            if activity is not None:
                told.counts[activity] += 1
                subject = self._subjects.of(activity.subject, topic, key)
                told.lines.append(self._line(record, activity, subject, self._span(place, offset)))

    def _line(self, record: Any, activity: Activity, whose: tuple[bytes, int], span: bytes) -> bytes:
        at_ms, headers = record.timestamp()[1], record.headers()
        at = (at_ms * _MS).to_bytes(8, "little")
        subject, number = whose
        head, common = self._common[activity]
        trace, caller = _caused(headers) if headers else (None, None)
        if trace is None or caller is None:
            # What comes of a record has its time: so what one report led to for a household is one trace.
            trace = (number ^ at_ms).to_bytes(16, "big")
            return b"".join((head, trace, _SPAN, span, _START, at, _END, at, common, subject))
        called = _PARENT + caller + self._called
        made = (_TRACE, trace, _SPAN, span, called, _START, at, _END, at, common, subject)
        return _field(2, b"".join(made))  # ScopeSpans.spans

    def _span(self, place: tuple[str, int], offset: int) -> bytes:
        """Return a span id: where those of a partition begin, and on by the offset."""
        begins = self._places.get(place)
        if begins is None:
            made = hashlib.blake2b(b"%b %d" % (place[0].encode(), place[1]), digest_size=8).digest()
            begins = self._places[place] = int.from_bytes(made, "big")
        return (begins + offset & _64_BITS).to_bytes(8, "big")

    def request(self, lines: Iterable[bytes]) -> bytes:
        """Return the lines as the body of one request to a collector."""
        return _field(1, self._resource + _field(2, self._scope + b"".join(lines)))


def _common(activity: Activity, register: str) -> bytes:
    """Return what an activity's lines share, up to the subject's id, which is to follow."""
    span = Span(
        name=activity.name,
        kind=Span.SPAN_KIND_INTERNAL,
        # A record stands in a topic only once what it says was done and saved.
        status=Status(code=Status.STATUS_CODE_OK),
        attributes=[
            _text("dpl.core.processing_activity_id", f"{register}/{activity.code}"),
            _text("dpl.core.data_subject_id_type", f"{register}/subjects/{activity.subject}"),
        ],
    )
    placeholder = "0" * Subjects.LENGTH
    subject = _attribute("dpl.core.data_subject_id", placeholder)
    encoded: bytes = span.SerializeToString()
    return encoded + subject[: -Subjects.LENGTH]


def _attribute(name: str, value: str) -> bytes:
    encoded: bytes = Span(attributes=[_text(name, value)]).SerializeToString()
    return encoded


def _text(name: str, value: str) -> KeyValue:
    return KeyValue(key=name, value=AnyValue(string_value=value))


def _caused(headers: Any) -> tuple[bytes | None, bytes | None]:
    """Return the ids of the trace and span that a record's sender gave it; None, None: none."""
    for name, value in headers or ():
        if name == TRACEPARENT and value is not None and (found := _W3C.fullmatch(value)) is not None:
            return bytes.fromhex(found[1].decode()), bytes.fromhex(found[2].decode())
    return None, None


def _head(common: bytes) -> bytes:
    """Return what a line of no caller begins with, up to its trace id."""
    empty = b"".join((_TRACE, bytes(16), _SPAN, bytes(8), bytes(18), common, bytes(Subjects.LENGTH)))
    whole = _field(2, empty)
    return whole[: len(whole) - len(empty)] + _TRACE


def _field(number: int, content: bytes) -> bytes:
    """Return a message within a message, as protobuf has it: its number, its length, itself."""
    head, left = bytearray([number << 3 | 2]), len(content)
    while left > 0x7F:
        head.append(left & 0x7F | 0x80)
        left >>= 7
    head.append(left)
    return bytes(head) + content
