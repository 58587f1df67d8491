"""One try to write lines: OTLP over HTTP, and what the answer means."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import NamedTuple

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from eropaf.serving.bounded import BoundedClient

LOG_ANSWERS_WITHIN_S = 10.0
# It says how many lines it refused, and perhaps why.
LARGEST_LOG_ANSWER_BYTES = 65_536


class Answer(NamedTuple):
    """What came of a try: whether the log confirmed it, how many lines it refused, and why not."""

    confirmed: bool
    refused: int
    why: str


class Post:
    """Posts to one collector. Used by one thread."""

    def __init__(self, address: str, token: str | None, ca_file: Path | None) -> None:
        self._address = f"{address.rstrip('/')}/v1/traces"
        self._headers = {"Content-Type": "application/x-protobuf"}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"
        trusted = ssl.create_default_context(cafile=ca_file)
        self._client = BoundedClient(trusted, LOG_ANSWERS_WITHIN_S, LARGEST_LOG_ANSWER_BYTES)

    def __call__(self, body: bytes) -> Answer:
        """Post a body once. Whatever happens is said, not raised."""
        try:
            answer = self._client.post(self._address, content=body, headers=self._headers)
            if not 200 <= answer.status < 300:
                return Answer(False, 0, str(answer.status))
            said = ExportTraceServiceResponse.FromString(answer.body)
        except Exception as error:  # whichever way it failed to answer, one in another tongue included
            return Answer(False, 0, type(error).__name__)
        return Answer(True, said.partial_success.rejected_spans, "")

    def close(self) -> None:
        """Close its connection."""
        self._client.close()
