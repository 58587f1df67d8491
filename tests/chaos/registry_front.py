"""What stands before a registry, and can answer slowly or in its place."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from eropaf.deploy.embedded.ports import HOST

ANSWER_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said instead of what the registry says."""

    status: int
    content_type: str
    body: bytes


# An ingress without a backend, a log-in page, a cache, a registry without its store, one being upgraded.
WRONG = (
    Answer(404, "text/html", b"<html><body>default backend - 404</body></html>"),
    Answer(200, "text/html", b"<html><body>Please log in</body></html>"),
    Answer(200, "application/json", b"{}"),
    Answer(500, "application/json", b'{"error_code": 50001, "message": "store"}'),
    Answer(503, "text/plain", b""),
)


class RegistryFront:
    """An HTTP server before the registry at `target`: passes on what it is asked, unless told otherwise."""

    def __init__(self, target: str) -> None:
        self.delay_s = 0.0
        """How long each answer waits."""
        self.wrong: Sequence[Answer] = ()
        """Said in turn instead of what the registry says."""
        parts = urlsplit(target)
        self._target = f"{parts.scheme}://{parts.netloc}"
        self._asked = count()
        front = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                front.serve(self)

            do_POST = do_PUT = do_GET  # names that http.server looks for

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self.url = f"http://{HOST}:{self._server.server_port}{parts.path}"
        """What EROPAF_REGISTRY_URL takes."""
        self._thread = threading.Thread(target=self._server.serve_forever, name="registry-front", daemon=True)
        self._thread.start()

    def be_well(self) -> None:
        """Pass on what is asked, at once."""
        self.delay_s, self.wrong = 0.0, ()

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        time.sleep(self.delay_s)
        wrong = self.wrong
        answer = wrong[next(self._asked) % len(wrong)] if wrong else self._passed_on(request, body)
        try:
            request.send_response(answer.status)
            request.send_header("Content-Type", answer.content_type)
            request.send_header("Content-Length", str(len(answer.body)))
            request.end_headers()
            request.wfile.write(answer.body)
        except OSError:
            pass  # who asked has gone

    def _passed_on(self, request: BaseHTTPRequestHandler, body: bytes) -> Answer:
        kept = {name: request.headers[name] for name in ("Content-Type", "Accept") if name in request.headers}
        asked = urllib.request.Request(  # noqa: S310  # loopback
            self._target + request.path, data=body or None, headers=kept, method=request.command
        )
        # A proxy that the environment names is for other machines.
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(asked, timeout=ANSWER_WITHIN_S) as answer:
                return Answer(answer.status, answer.headers.get("Content-Type", "text/plain"), answer.read())
        except urllib.error.HTTPError as refused:
            with refused:
                return Answer(refused.code, refused.headers.get("Content-Type", "text/plain"), refused.read())
        except OSError:
            return Answer(502, "text/plain", b"no registry behind")
