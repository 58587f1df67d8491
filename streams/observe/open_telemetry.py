"""Tells an OpenTelemetry collector of spans. Needs the extra `tracing`; imported only where it is asked for.

What is told holds no key and nothing of a record's content: stage, topic, partition, offset, times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, TraceFlags
from opentelemetry.util.types import AttributeValue

from eropaf.streams.runtime.record import Record


class _Span:
    """One stage's span; OpenTelemetry's own thread takes it away once it has ended."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span
        self.traceparent = _traceparent(span).encode()

    def wrote(self, topics: Iterable[str]) -> None:
        """Note where the records that came of it go."""
        self._span.set_attribute("eropaf.wrote", sorted(set(topics)))

    def end(self) -> None:
        """Note that it is saved."""
        self._span.end()


class OpenTelemetry:
    """A tracer whose spans go to the collector at `endpoint`; None: where OpenTelemetry's variables say.

    What the collector does not take in time is dropped: the flow never waits for it.
    """

    def __init__(self, endpoint: str | None, service: str, instance: str) -> None:
        resource = Resource.create({"service.name": service, "service.instance.id": instance})
        self._provider = TracerProvider(resource=resource)
        url = None if endpoint is None else f"{endpoint.rstrip('/')}/v1/traces"
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(url)))
        self._tracer = self._provider.get_tracer("eropaf")

    def begin(self, stage: str, record: Record, parent: bytes) -> _Span:
        """Begin a span of `stage` for `record`, as a child of `parent`."""
        said = parent.decode()
        cause = SpanContext(
            int(said[3:35], 16),
            int(said[36:52], 16),
            is_remote=True,
            trace_flags=TraceFlags(int(said[53:], 16)),
        )
        attributes = {
            **_destination(record.topic()),
            "messaging.operation.type": "process",
            "messaging.destination.partition.id": str(record.partition()),
            "messaging.kafka.offset": record.offset(),
        }
        context = trace.set_span_in_context(NonRecordingSpan(cause))
        return _Span(self._tracer.start_span(stage, context, SpanKind.CONSUMER, attributes))

    def publishing(self, topic: str) -> Callable[[], str]:
        """Return what begins a trace for each record published to `topic`."""
        attributes = {**_destination(topic), "messaging.operation.type": "create"}

        def begin() -> str:
            span = self._tracer.start_span("publish", kind=SpanKind.PRODUCER, attributes=attributes)
            span.end()
            return _traceparent(span)

        return begin


def _destination(topic: str) -> dict[str, AttributeValue]:
    return {"messaging.system": "kafka", "messaging.destination.name": topic}


def _traceparent(span: trace.Span) -> str:
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"
