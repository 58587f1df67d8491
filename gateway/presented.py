"""What uvicorn (0.54) leaves out: the certificate that a caller showed, and our answer to what is no HTTP.

The app is told of the certificate as the ASGI extension `tls` has it.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import h11
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from eropaf.gateway.headers import HEADERS
from eropaf.gateway.problems import Problem


class Presenting(H11Protocol):
    """HTTP/1.1, with the caller's certificate in each request's scope."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Note what was shown in the handshake, which holds for the whole connection."""
        super().connection_made(transport)
        shown: Any = transport.get_extra_info("ssl_object")
        data = None if shown is None else shown.getpeercert(binary_form=True)
        if data:
            self.app = Presented(self.app, ssl.DER_cert_to_PEM_cert(data))

    def send_400_response(self, msg: str) -> None:
        """Answer to what no app is asked for, since it cannot be read, and hang up."""
        answer = Problem(400, "no-http", "What came cannot be read as HTTP. Nothing was stored.").response()
        own = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
        headers = [*answer.raw_headers, *own, (b"connection", b"close")]
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=bytes(answer.body)),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


class Presented:
    """An app whose callers showed a certificate."""

    def __init__(self, app: ASGIApp, pem: str) -> None:
        self._app, self._pem = app, pem

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        extensions = {**(scope.get("extensions") or {}), "tls": {"client_cert_chain": [self._pem]}}
        await self._app({**scope, "extensions": extensions}, receive, send)
