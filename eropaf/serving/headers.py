"""What stands on every answer, and what of them may be cached."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEPT_FOR_EVER = "public, max-age=31536000, immutable"


def never(path: str, status: int) -> bool:
    """Return that no answer may be kept."""
    return False


class Headers:
    """Puts `headers` on every answer. What is `kept` may be for ever, all else never.

    `https`: whether it is reached by that, and never by another way again.
    """

    def __init__(
        self,
        app: ASGIApp,
        headers: Mapping[str, str],
        *,
        https: bool,
        kept: Callable[[str, int], bool] = never,
    ) -> None:
        self._app, self._kept = app, kept
        self._headers = {**headers, **({"Strict-Transport-Security": "max-age=31536000"} if https else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                kept = self._kept(scope["path"], message["status"])
                headers["Cache-Control"] = KEPT_FOR_EVER if kept else "no-store"
            await send(message)

        await self._app(scope, receive, with_headers)
