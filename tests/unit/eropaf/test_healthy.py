"""The image's health check asks this machine, whatever the environment says of proxies."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from eropaf.deploy.embedded.ports import choose
from eropaf.healthy import healthy

DEPLOY = Path(__file__).parents[3] / "deploy"


class Answers(BaseHTTPRequestHandler):
    """Lives, and is not ready."""

    def do_GET(self) -> None:  # http.server's name
        """Answer."""
        self.send_response(200 if self.path == "/health/live" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_only_what_answers_ok_is_healthy(port: int) -> None:
    assert healthy(port, "/health/live")
    assert not healthy(port, "/health/ready")
    assert not healthy(choose(1)[0], "/health/live")


@pytest.mark.parametrize(("path", "status"), [("/health/live", 0), ("/health/ready", 1)])
def test_the_check_goes_past_every_proxy(port: int, path: str, status: int) -> None:
    nowhere = f"http://127.0.0.1:{choose(1)[0]}"
    proxies = dict.fromkeys(("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"), nowhere)
    done = subprocess.run([sys.executable, "-m", "eropaf.healthy", str(port), path], env=proxies, timeout=60)

    assert done.returncode == status


def test_every_check_of_ours_is_this_one() -> None:
    checks = "".join((DEPLOY / name).read_text("utf-8") for name in ("Dockerfile", "compose.yaml"))

    assert len(re.findall(r'"eropaf\.healthy"', checks)) == 4
    assert "urllib" not in checks
