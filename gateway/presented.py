"""A server that tells the app which certificate a caller showed, as the ASGI extension `tls` has it.

uvicorn checks a certificate and keeps it to itself (0.54).
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol


class Presenting(H11Protocol):
    """HTTP/1.1, with the caller's certificate in each request's scope."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Note what was shown in the handshake, which holds for the whole connection."""
        super().connection_made(transport)
        shown: Any = transport.get_extra_info("ssl_object")
        data = None if shown is None else shown.getpeercert(binary_form=True)
        if data:
            self.app = Presented(self.app, ssl.DER_cert_to_PEM_cert(data))


class Presented:
    """An app whose callers showed a certificate."""

    def __init__(self, app: ASGIApp, pem: str) -> None:
        self._app, self._pem = app, pem

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        extensions = {**(scope.get("extensions") or {}), "tls": {"client_cert_chain": [self._pem]}}
        await self._app({**scope, "extensions": extensions}, receive, send)
