"""A port that another program holds is told in a sentence."""

from __future__ import annotations

import asyncio
import socket

import pytest

from eropaf.faults import sentences
from eropaf.serving.server import CannotListen, running, server


async def nothing(scope: object, receive: object, send: object) -> None:
    pass


async def served(port: int) -> None:
    async with running([server(nothing, "127.0.0.1", port)]):
        pass


def test_a_port_that_is_taken_is_told_with_the_port_and_where_to_change_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as another:
        port = another.getsockname()[1]

        with pytest.raises(CannotListen) as refused:
            asyncio.run(served(port))

    (told,) = sentences(refused.value)
    assert f"127.0.0.1:{port}" in told
    assert "settings.md" in told
