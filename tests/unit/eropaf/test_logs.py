"""What a log line says of an exception: what and where, and none of its words."""

from __future__ import annotations

import asyncio
import http.server
import logging
import threading
from collections.abc import Iterator

import pytest
import structlog

from eropaf import logs
from eropaf.healthy import healthy

SECRET = "1011 AB 12, BSN 123456782"


@pytest.fixture(autouse=True)
def configured(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    root.handlers.clear()
    logs.configure("json")
    yield
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def fail() -> None:
    try:
        raise KeyError(SECRET)
    except KeyError as error:
        raise ValueError(f"no household at {SECRET}") from error


def test_a_librarys_exception_is_logged_without_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        fail()
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")

    said = capsys.readouterr().err
    assert "builtins.ValueError" in said
    assert "after builtins.KeyError" in said
    assert "test_logs.py" in said
    assert SECRET not in said


def test_our_own_too(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        fail()
    except ValueError:
        structlog.get_logger("board").exception("request failed")

    said = capsys.readouterr().err
    assert "builtins.ValueError" in said
    assert SECRET not in said


def test_a_task_that_nobody_awaited_too(capsys: pytest.CaptureFixture[str]) -> None:
    async def forget() -> None:
        task = asyncio.get_running_loop().create_task(_fails())
        await asyncio.sleep(0)
        del task

    async def _fails() -> None:
        fail()

    asyncio.run(forget(), debug=False)

    assert SECRET not in capsys.readouterr().err


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
