"""Lines of the processing log, as OTLP spans: what the records of a topic say was done, and to whom.

A line says when, which activity, and a pseudonym: nothing of a record's value. The same record is always the
same line, so one that is told twice can be seen to be.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

from eropaf.gateway.logboek.activities import ACTIVITIES, Activity, activity_of
from eropaf.gateway.logboek.subjects import Subjects
from eropaf_client.schemas.wire import TRACEPARENT

_W3C = re.compile(rb"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}")
_MS = 1_000_000


class Lines:
    """Makes lines. `register` is the address of the register of processing activities.

    What all lines of an activity have in common is encoded once: protobuf joins two encoded parts of a
    message by putting one behind the other. A span of the SDK costs more than a worker does for an event
    (ADR 74).
    """

    def __init__(self, register: str, subjects: Subjects) -> None:
        self._subjects = subjects
        register = register.rstrip("/")
        self._common = {each: _common(each, register) for each in ACTIVITIES}
        # Whoever called us is described where the recipients and sources are: in the register.
        self._called = _attribute("dpl.core.foreign_operation.processor", f"{register}/creditors")
        resource = Resource(
            attributes=[_text("service.name", "eropaf"), _text("service.version", version("eropaf"))]
        )
        self._resource = ResourceSpans(resource=resource).SerializeToString()
        self._scope = ScopeSpans(scope=InstrumentationScope(name="eropaf.logboek")).SerializeToString()

    def of(self, record: Any) -> tuple[Activity, bytes] | None:
        """Return a record's activity and line; None where nothing was done to anybody."""
        topic, key = record.topic(), record.key() or b""
        activity = activity_of(topic, key, record.value())
        if activity is None:
            return None
        at_ms = record.timestamp()[1]
        subject = self._subjects.of(activity.subject, topic, key)
        trace, caller = _caused(record.headers())
        if trace is None:
            # What comes of a record has its time: so what one report led to for a household is one trace.
            trace = _id(b"%b %d" % (subject, at_ms), 16)
        span = _id(b"%b %d %d %d" % (topic.encode(), record.partition(), record.offset(), at_ms), 8)
        at = (at_ms * _MS).to_bytes(8, "little")
        line = b"".join(
            (
                b"\x0a\x10", trace, b"\x12\x08", span,  # trace_id, span_id
                b"" if caller is None else b"\x22\x08" + caller + self._called,  # parent_span_id
                b"\x39", at, b"\x41", at,  # start_time_unix_nano, end_time_unix_nano
                self._common[activity], subject,
            )
        )  # fmt: skip
        return activity, _field(2, line)  # ScopeSpans.spans

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


def _id(of: bytes, length: int) -> bytes:
    return hashlib.blake2b(of, digest_size=length).digest()


def _field(number: int, content: bytes) -> bytes:
    """Return a message within a message, as protobuf has it: its number, its length, itself."""
    head, left = bytearray([number << 3 | 2]), len(content)
    while left > 0x7F:
        head.append(left & 0x7F | 0x80)
        left >>= 7
    head.append(left)
    return bytes(head) + content
