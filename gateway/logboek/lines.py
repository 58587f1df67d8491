"""Lines of the processing log, as OTLP spans: what the records of a topic say was done, and to whom.

A line says when, which activity, and a pseudonym: nothing of a record's value. The same record is always the
same line, so one that is told twice can be seen to be.
"""

from __future__ import annotations

import hashlib
import re
from binascii import hexlify
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.metadata import version
from struct import Struct
from typing import Any, NamedTuple

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

from eropaf.gateway.logboek.activities import ACTIVITIES, NOBODY, Activity, activity_of
from eropaf.gateway.logboek.subjects import Subjects
from eropaf_client.schemas.wire import TRACEPARENT
from eropaf_client.source import Run

_64_BITS = (1 << 64) - 1
# Fields of a span: trace_id of 16 bytes, span_id and parent_span_id of 8, start and end in nanoseconds.
_TRACE, _SPAN, _PARENT = b"\x0a\x10", b"\x12\x08", b"\x22\x08"
_START, _END = b"\x39", b"\x41"
_SPANS = 2  # in ScopeSpans

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
    (ADR 74). What is the same for a partition is looked up once for all of its records that arrive.
    """

    def __init__(self, register: str, subjects: Subjects) -> None:
        register = register.rstrip("/")
        self._common = {each: _common(each, register) for each in ACTIVITIES}
        self._packs = {each: _pack(common) for each, common in self._common.items()}
        self._places: dict[tuple[str, int], _Place] = {}
        self._subjects = subjects
        # Whoever called us is described where the recipients and sources are: in the register.
        self._called = _attribute("dpl.core.foreign_operation.processor", f"{register}/creditors")
        resource = Resource(
            attributes=[_text("service.name", "eropaf"), _text("service.version", version("eropaf"))]
        )
        self._resource = ResourceSpans(resource=resource).SerializeToString()
        self._scope = ScopeSpans(scope=InstrumentationScope(name="eropaf.logboek")).SerializeToString()

    def add(self, told: Told, run: Run) -> None:
        """Add the lines of records that arrived together to `told`: none of what was done to nobody."""
        topic, partition, records = run
        told.reached[topic, partition] = records[-1].offset() + 1
        place = self._places.get((topic, partition))
        if place is None:
            place = self._places[topic, partition] = _Place.of(topic, partition)
        for activity in (place.written, place.ended):
            if activity is not None:
                before = len(told.lines)
                self._lines(told.lines, activity, place, records)
                told.counts[activity] += len(told.lines) - before

    def _lines(self, lines: list[bytes], activity: Activity, place: _Place, records: list[Any]) -> None:
        """Add the lines of the records of an activity: what is in the loop costs for each of them."""
        pack, head, common = self._packs[activity]
        pseudonym = self._subjects.of(activity.subject, place.topic)
        begins, add, ended = place.begins, lines.append, activity is place.ended
        for record in records:
            key = record.key() or b""
            if (record.value() is None) is not ended or key == NOBODY:
                continue
            at, subject = record.timestamp()[1] * _MS, pseudonym(key)
            if not 0 <= at <= _64_BITS:  # whoever writes a record chooses its moment, and may choose none
                at = 0
            span = begins + record.offset() & _64_BITS
            if (headers := record.headers()) and (caused := _caused(headers)) is not None:
                add(self._of_a_caller(activity, caused, span, at, subject))
            else:
                whose = hexlify(subject)
                add(pack(head, subject, at, _SPAN, span, _START, at, _END, at, common, whose))

    def _of_a_caller(
        self, activity: Activity, caused: tuple[bytes, bytes], span: int, at: int, subject: bytes
    ) -> bytes:
        """Return a line of a record whose sender gave it the ids of a trace and of its own span."""
        (trace, caller), id_, when = caused, span.to_bytes(8, "little"), at.to_bytes(8, "little")
        ids = (_TRACE, trace, _SPAN, id_, _PARENT, caller, self._called)
        whole = (*ids, _START, when, _END, when, self._common[activity], hexlify(subject))
        return _field(_SPANS, b"".join(whole))

    def request(self, lines: Sequence[bytes]) -> bytes:
        """Return the lines as the body of one request to a collector: of megabytes, so copied once."""
        scope = _head(2, len(self._scope) + sum(map(len, lines)))
        whole = _head(1, len(self._resource) + len(scope) + len(self._scope) + sum(map(len, lines)))
        return b"".join((whole, self._resource, scope, self._scope, *lines))


class _Place(NamedTuple):
    """A partition: what a record there is of, what a tombstone is, and from where its spans count."""

    topic: str
    written: Activity | None
    ended: Activity | None
    begins: int

    @classmethod
    def of(cls, topic: str, partition: int) -> _Place:
        made = hashlib.blake2b(b"%b %d" % (topic.encode(), partition), digest_size=8).digest()
        written, ended = activity_of(topic, b"", b""), activity_of(topic, b"", None)
        return cls(topic, written, ended, int.from_bytes(made, "big"))


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


def _caused(headers: Any) -> tuple[bytes, bytes] | None:
    """Return the ids of the trace and span that a record's sender gave it; None: none."""
    for name, value in headers or ():
        if name == TRACEPARENT and value is not None and (found := _W3C.fullmatch(value)) is not None:
            return bytes.fromhex(found[1].decode()), bytes.fromhex(found[2].decode())
    return None


def _pack(common: bytes) -> tuple[Callable[..., bytes], bytes, bytes]:
    """Return what packs a line of no caller, what it begins with, and `common`.

    All of an activity are as long: begin, trace, span id, start, end, what they share, and the subject. Their
    trace is half of the subject, and the moment: what comes of a record has its time, so what one report led
    to for a household is one trace.
    """
    ids = b"".join((_TRACE, bytes(16), _SPAN, bytes(8), _START, bytes(8), _END, bytes(8)))
    empty = ids + common + bytes(Subjects.LENGTH)
    head = _head(_SPANS, len(empty)) + _TRACE
    parts = f"<{len(head)}s 8sQ 2sQ 1sQ 1sQ {len(common)}s {Subjects.LENGTH}s"
    return Struct(parts).pack, head, common


def _field(number: int, content: bytes) -> bytes:
    """Return a message within a message, as protobuf has it: its number, its length, itself."""
    return _head(number, len(content)) + content


def _head(number: int, length: int) -> bytes:
    """Return what a message within a message begins with."""
    head = bytearray([number << 3 | 2])
    while length > 0x7F:
        head.append(length & 0x7F | 0x80)
        length >>= 7
    head.append(length)
    return bytes(head)
