"""One try to write lines: OTLP over HTTP, and what the answer means."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import NamedTuple

import httpx2
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

LOG_ANSWERS_WITHIN_S = 10.0


class Answer(NamedTuple):
    """What came of a try: whether the log confirmed it, how many lines it refused, and why not."""

    confirmed: bool
    refused: int
    why: str


class Post:
    """Posts to one collector. Used by one thread."""

    def __init__(self, address: str, token: str | None, ca_file: Path | None) -> None:
        self._address = f"{address.rstrip('/')}/v1/traces"
        headers = {"Content-Type": "application/x-protobuf"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        trusted = ssl.create_default_context(cafile=ca_file)
        self._client = httpx2.Client(
            headers=headers, verify=trusted, timeout=LOG_ANSWERS_WITHIN_S, follow_redirects=False
        )

    def __call__(self, body: bytes) -> Answer:
        """Post a body once. Whatever happens is said, not raised."""
        try:
            answer = self._client.post(self._address, content=body)
            if not 200 <= answer.status_code < 300:
                return Answer(False, 0, str(answer.status_code))
            said = ExportTraceServiceResponse.FromString(answer.content)
        except Exception as error:  # whichever way it failed to answer, one in another tongue included
            return Answer(False, 0, type(error).__name__)
        return Answer(True, said.partial_success.rejected_spans, "")

    def close(self) -> None:
        """Close its connection."""
        self._client.close()
