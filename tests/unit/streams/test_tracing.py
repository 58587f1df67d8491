"""A trace goes from record to record inside the flow, and leaves it with nobody."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from eropaf.process import tracing
from eropaf.settings import Settings, SettingsError
from eropaf.streams.observe.tracing import Tracer, Tracing, trace_id, traceparent_of
from eropaf.streams.runtime.batch import Batch
from eropaf.streams.runtime.dead_letter import DeadLetters
from eropaf.streams.runtime.record import Output
from eropaf.streams.runtime.stage import Stage
from eropaf_client.schemas.errors import BodyBroken
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import REJECTED
from eropaf_client.schemas.wire import TRACEPARENT, Codec
from eropaf_client.tracing import new_traceparent, trace_headers

TRACE = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
OTHER = b"00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01"
OWN = b"00-0af7651916cd43dd8448eb211c80319c-cccccccccccccccc-01"
STAGE = Stage("intake", ("in",))


@dataclass(frozen=True, slots=True)
class Read:
    """A record as it is read."""

    held: bytes = b"value"
    traceparent: bytes | None = None

    def topic(self) -> str:
        return "in"

    def partition(self) -> int:
        return 3

    def offset(self) -> int:
        return 7

    def key(self) -> bytes:
        return b"key"

    def value(self) -> bytes:
        return self.held

    def timestamp(self) -> tuple[int, int]:
        return 1, 1_000

    def headers(self) -> list[tuple[str, bytes | None]] | None:
        return None if self.traceparent is None else [("other", b"x"), (TRACEPARENT, self.traceparent)]


@dataclass(slots=True)
class Noted:
    """A span that keeps what it is told."""

    parent: bytes
    traceparent: bytes = OWN
    topics: list[str] = field(default_factory=list)
    ended: bool = False

    def wrote(self, topics: Iterable[str]) -> None:
        self.topics = list(topics)

    def end(self) -> None:
        self.ended = True


class Notes:
    """A tracer that makes such spans."""

    def begin(self, stage: str, record: object, parent: bytes) -> Noted:
        assert stage == STAGE.name
        return Noted(parent)


def a_batch(*records: Read, tracer: Tracer | None = None) -> Batch:
    letters = DeadLetters(STAGE, Codec("Rejected", REJECTED, LocalRegistry()), 1_000)
    return Batch(records, STAGE.name, letters, None, Tracing(frozenset({"onward"}), tracer))


def passed_on(batch: Batch) -> list[Output]:
    for record, value in batch.decoded(lambda data: data):
        batch.emit("onward", record.key() or b"", value, 1)
        batch.emit("outside", record.key() or b"", value, 1)
    return batch.outputs


def test_a_record_carries_the_trace_of_its_cause_only_inside_the_flow() -> None:
    traced, outside, untraced, _ = passed_on(a_batch(Read(traceparent=TRACE), Read()))

    assert traced.headers == [(TRACEPARENT, TRACE)]
    assert outside.headers is None
    assert untraced.headers is None


def test_what_is_emitted_after_the_last_record_belongs_to_no_trace() -> None:
    batch = a_batch(Read(traceparent=TRACE))
    passed_on(batch)

    batch.emit("onward", b"key", b"value", 1)

    assert batch.outputs[-1].headers is None


def test_a_span_is_child_of_its_record_and_parent_of_what_comes_of_it() -> None:
    batch = a_batch(Read(traceparent=TRACE), Read(), Read(traceparent=OTHER), tracer=Notes())

    outputs = passed_on(batch)

    first, second = batch.spans
    assert isinstance(first, Noted)
    assert isinstance(second, Noted)
    assert (first.parent, second.parent) == (TRACE, OTHER)
    assert first.topics == ["onward", "outside"]
    assert outputs[0].headers == [(TRACEPARENT, OWN)]
    assert not first.ended  # the checkpoint ends it, once it is saved


def test_a_rejected_records_line_says_its_trace_and_offset_and_no_content() -> None:
    def broken(data: bytes | None) -> None:
        raise BodyBroken("cut short")

    batch = a_batch(Read(b"a secret", TRACE), Read(b"another", None), tracer=Notes())
    with capture_logs() as lines:
        assert list(batch.decoded(broken)) == []

    assert lines == [
        {
            "event": "record rejected",
            "log_level": "info",
            "stage": "intake",
            "reason": "broken-body",
            "topic": "in",
            "partition": 3,
            "offset": 7,
            "trace_id": "0af7651916cd43dd8448eb211c80319c",
        }
    ]
    (span,) = batch.spans
    assert isinstance(span, Noted)
    assert span.topics == [REJECTED]


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"00",
        TRACE[:-1],
        TRACE + b"0",
        TRACE.upper(),
        b"ff" + TRACE[2:],
        b"00-" + b"0" * 32 + TRACE[35:],
        TRACE[:36] + b"0" * 16 + b"-01",
        TRACE[:-2] + b"\n1",
        b"x" * 60_000,
    ],
)
def test_a_header_that_is_no_trace_is_passed_over(said: bytes) -> None:
    assert traceparent_of(Read(traceparent=said)) is None
    assert [output.headers for output in passed_on(a_batch(Read(traceparent=said)))] == [None, None]


def test_each_trace_that_a_client_begins_is_another() -> None:
    one, another = new_traceparent().encode(), new_traceparent().encode()

    assert traceparent_of(Read(traceparent=one)) == one
    assert trace_id(one) != trace_id(another)


def test_a_client_that_traces_sends_a_header_for_each_record() -> None:
    assert trace_headers(TRACE.decode) == [(TRACEPARENT, TRACE)]


def test_a_client_that_traces_nothing_sends_no_header() -> None:
    assert trace_headers(None) is None


def test_without_a_collector_opentelemetry_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)  # any import of it fails

    assert tracing.tracer(Settings(), "eropaf-worker", "worker-1") is None


def test_a_collector_without_opentelemetry_is_refused_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    monkeypatch.delitem(sys.modules, "eropaf.streams.observe.open_telemetry", raising=False)

    with pytest.raises(SettingsError, match=r"pip install 'eropaf\[tracing\]'"):
        tracing.tracer(Settings(otlp_endpoint="http://127.0.0.1:4318"), "eropaf-worker", "worker-1")

    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    with pytest.raises(SettingsError, match=r"pip install 'eropaf\[tracing\]'"):
        tracing.tracer(Settings(), "eropaf-worker", "worker-1")
