"""An OpenID provider that says what a test tells it to."""

from __future__ import annotations

import http.server
import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import trustme
from joserfc import jwt
from joserfc.jwk import ECKey

OURS = "eropaf-board"


@dataclass
class Standing:
    """A provider that says what the test tells it to."""

    url: str = ""
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "1"}))
    claims: dict[str, Any] = field(default_factory=dict)
    refuses: bool = False
    refresh: str | None = "first"
    asked: list[dict[str, str]] = field(default_factory=list)
    more_keys: list[dict[str, Any]] = field(default_factory=list)
    away: bool = False
    got: list[str] = field(default_factory=list)
    answers: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.answers.set()

    def signed(self, **claims: Any) -> str:
        now = int(time.time())
        known = {"iss": self.url, "aud": OURS, "sub": "vera", "iat": now, "exp": now + 60}
        told = {**known, "eropaf_role": "lead", "eropaf_areas": ["1011"], **self.claims, **claims}
        header = {"alg": "ES256", "kid": self.key.kid}
        return jwt.encode(header, {k: v for k, v in told.items() if v is not None}, self.key)

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, Any]:
        self.got.append(path)
        self.answers.wait(60)
        if self.away:
            return 502, "Bad Gateway"
        if path == "/keys":
            return 200, {"keys": [*self.more_keys, self.key.as_dict(private=False)]}
        if path == "/token":
            self.asked.append(form)
            if self.refuses:
                return 400, {"error": "invalid_grant"}
            nonce = {"nonce": form["code"]} if "code" in form else {}  # the test puts it into the code
            told = {"access_token": "a", "token_type": "Bearer", "id_token": self.signed(**nonce)}
            return 200, told | ({"refresh_token": self.refresh} if self.refresh else {})
        found = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "scopes_supported": ["openid", "offline_access"],
        }
        return 200, found


@contextmanager
def served(signed_by: trustme.CA | None = None) -> Iterator[Standing]:
    """Serve a provider on this machine; over TLS where somebody signs it."""
    standing = Standing()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(*standing.answer(self.path, {}))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._say(*standing.answer(self.path, form))

        def _say(self, status: int, content: Any) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *anything: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if signed_by is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        signed_by.issue_cert("127.0.0.1").configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    standing.url = f"http{'s' if signed_by else ''}://127.0.0.1:{server.server_address[1]}"
    yield standing
    server.shutdown()
    server.server_close()
