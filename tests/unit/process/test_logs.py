"""What a log line says of an exception: what and where, and none of its words."""

from __future__ import annotations

import http.server
import subprocess
import sys
import threading

import pytest

from eropaf.healthy import healthy

SECRET = "1011 AB 12, BSN 123456782"
FAILS = f"""
import asyncio, logging, structlog
from eropaf.process import logs

logs.configure("json")

def fail():
    try:
        raise KeyError("{SECRET}")
    except KeyError as error:
        raise ValueError("no household at {SECRET}") from error
"""
LIBRARY = """
try:
    fail()
except ValueError:
    logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
"""
OURS = """
try:
    fail()
except ValueError:
    structlog.get_logger("board").exception("request failed")
"""
FORGOTTEN = """
async def fails():
    fail()

async def forget():
    asyncio.get_running_loop().create_task(fails())
    await asyncio.sleep(0.01)

asyncio.run(forget())
"""


@pytest.mark.parametrize("happens", [LIBRARY, OURS, FORGOTTEN], ids=["a library", "ours", "a forgotten task"])
def test_an_exception_is_logged_without_its_words(happens: str) -> None:
    done = subprocess.run([sys.executable, "-c", FAILS + happens], capture_output=True, text=True, check=True)

    assert "builtins.ValueError" in done.stderr
    assert "after builtins.KeyError" in done.stderr
    assert "<string>:11 fail" in done.stderr
    assert SECRET not in done.stderr + done.stdout


def test_a_health_check_goes_straight_to_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    class Live(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/health/live" else 503)
            self.end_headers()

        def log_message(self, *anything: object) -> None:
            """Say nothing."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Live)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert healthy(port, "/health/live")
    assert not healthy(port, "/health/ready")
    server.shutdown()
    server.server_close()
    assert not healthy(port, "/health/live")
