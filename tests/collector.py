"""A collector on the loopback: it speaks OTLP over HTTP, decodes what it gets, and keeps it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Collector:
    """Answers with `status`, and says of each request that it refused so many of its spans."""

    def __init__(self) -> None:
        self.spans: list[tuple[str, Span]] = []
        self.resources: list[Resource] = []
        self.authorizations: list[str | None] = []
        self.status, self.refused, self.asked = 200, 0, 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.path == "/v1/traces"
                assert self.headers["Content-Type"] == "application/x-protobuf"
                outer.asked += 1
                outer.authorizations.append(self.headers["Authorization"])
                if outer.status == 200:
                    outer.take(ExportTraceServiceRequest.FromString(body))
                said = ExportTraceServiceResponse()
                if outer.refused:
                    said.partial_success.rejected_spans = outer.refused
                answer = said.SerializeToString()
                self.send_response(outer.status)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def listening(self) -> Iterator[Collector]:
        thread = threading.Thread(target=self._server.serve_forever)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def take(self, request: ExportTraceServiceRequest) -> None:
        for told in request.resource_spans:
            self.resources.append(told.resource)
            service = next(a for a in told.resource.attributes if a.key == "service.name")
            for scope in told.scope_spans:
                self.spans += [(service.value.string_value, span) for span in scope.spans]

    def named(self, name: str) -> Span:
        """Return the one span of that name."""
        (span,) = (span for _, span in self.spans if span.name == name)
        return span
