"""What a worker serves to an operator, whoever else is connected."""

from __future__ import annotations

import asyncio

import httpx2

from eropaf.deploy.embedded.ports import choose
from eropaf.streams.observe.endpoint import Endpoint
from eropaf.streams.observe.health import Health

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
