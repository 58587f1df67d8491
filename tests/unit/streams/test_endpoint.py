"""What a worker serves to an operator, whoever else is connected."""

from __future__ import annotations

import asyncio
import gc
import socket
import subprocess
import sys
import time
import urllib.request

import httpx2
import pytest

from eropaf.deploy.embedded.ports import choose
from eropaf.streams.errors import EXIT_STOPPED_AT_ONCE
from eropaf.streams.observe import endpoint
from eropaf.streams.observe.endpoint import Endpoint
from eropaf.streams.observe.health import Health
from eropaf.streams.runtime.garbage import NEW_OBJECTS

READY = Health(joined=True, ending=False, open=1, taken=1, lost=0, broker_gone_since=None)


def test_a_client_that_says_nothing_holds_up_no_other() -> None:
    (port,) = choose(1)

    async def tried() -> list[int]:
        async with Endpoint("127.0.0.1", port, lambda: READY):
            idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(50)]
            half, whole = idle[0][1], idle[1][1]
            half.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX: ")
            whole.write(b"GET /metrics HTTP/1.1\r\n" + b"X: " + b"x" * 100_000 + b"\r\n\r\n")
            async with httpx2.AsyncClient(timeout=60) as http:
                paths = ("/metrics", "/health/live", "/health/ready")
                answers = [await http.get(f"http://127.0.0.1:{port}{path}") for path in paths]
            for _, writer in idle:
                writer.close()
            return [answer.status_code for answer in answers]

    assert asyncio.run(tried()) == [200, 200, 200]


def test_closed_connections_take_no_memory_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker looks for garbage by itself every 50,000 new objects, which took megabytes and hours."""
    monkeypatch.setattr(endpoint, "TIDIED_EVERY_S", 0.5)
    (port,) = choose(1)

    def scrape() -> None:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60).close()  # loopback

    async def tried() -> None:
        async with Endpoint("127.0.0.1", port, lambda: READY):
            for _ in range(30):
                await asyncio.to_thread(scrape)
            ends = time.monotonic() + 60
            while connections() > 3 and time.monotonic() < ends:
                await asyncio.sleep(0.05)

    gc.collect()
    seldom = gc.get_threshold()
    gc.set_threshold(NEW_OBJECTS)
    try:
        asyncio.run(tried())
        assert connections() <= 3
    finally:
        gc.set_threshold(*seldom)


def connections() -> int:
    return sum(type(each).__name__ == "_SelectorSocketTransport" for each in gc.get_objects())


SERVES = """
import asyncio, sys
from eropaf.process import logs
from eropaf.streams.observe.endpoint import Endpoint
logs.configure("json", "worker-1", "info")
asyncio.run(Endpoint(sys.argv[1], int(sys.argv[2]), lambda: None).start())
"""


@pytest.mark.parametrize("host", ["127.0.0.1", "host.invalid"])
def test_a_port_that_cannot_be_had_ends_the_worker_with_a_sentence(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as another:
        port = str(another.getsockname()[1])

        worker = subprocess.run(
            [sys.executable, "-c", SERVES, host, port], capture_output=True, text=True, timeout=60
        )

    assert worker.returncode == EXIT_STOPPED_AT_ONCE
    assert f"cannot be served on {host}:{port} (" in worker.stderr
    assert "Traceback" not in worker.stdout + worker.stderr
