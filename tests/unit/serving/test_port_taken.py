"""A port that another program holds is told in a sentence."""

from __future__ import annotations

import asyncio
import errno
import socket
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from eropaf.process.faults import sentences
from eropaf.serving.listening import CannotListen, serve_metrics
from eropaf.serving.server import Server, running, server


async def nothing(scope: object, receive: object, send: object) -> None:
    pass


async def served(port: int, host: str = "127.0.0.1", **more: Any) -> None:
    async with running([server(nothing, host, port, **more)]) as serving:
        assert not serving.done()


def test_a_port_that_is_taken_is_told_with_the_port_and_where_to_change_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as another:
        port = another.getsockname()[1]

        with pytest.raises(CannotListen) as refused:
            asyncio.run(served(port))

    (told,) = sentences(refused.value)
    assert f"127.0.0.1:{port}" in told
    assert "Does it run already?" in told
    assert "settings.md" in told


def test_a_port_for_metrics_that_is_taken_is_told_alike() -> None:
    with socket.create_server(("127.0.0.1", 0)) as another:
        port = another.getsockname()[1]

        with pytest.raises(CannotListen, match=f"127.0.0.1:{port}"):
            serve_metrics("127.0.0.1", port, CollectorRegistry())


def test_where_a_socket_is_served_a_port_of_others_is_theirs(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as another:
        asyncio.run(served(another.getsockname()[1], uds=str(tmp_path / "socket")))


def test_what_fails_while_a_socket_is_served_is_not_told_as_the_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(self: Server) -> None:
        await self.shutdown()
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(Server, "main_loop", fails)

    with pytest.raises(OSError, match="Too many open files") as raised:
        asyncio.run(served(0, uds=str(tmp_path / "socket")))
    assert not isinstance(raised.value, CannotListen)


def test_a_socket_in_a_folder_that_is_not_there_is_told_with_its_path(tmp_path: Path) -> None:
    missing = tmp_path / "missing" / "socket"

    with pytest.raises(CannotListen) as refused:
        asyncio.run(served(0, uds=str(missing)))

    (told,) = sentences(refused.value)
    assert f"{missing} (" in told
    assert "settings.md" in told


@pytest.mark.parametrize("host", ["192.0.2.1", "host.invalid"])
def test_an_address_that_is_not_of_this_machine_is_told_as_such(host: str) -> None:
    """Nothing runs already there, any more than at a port that one may not use."""
    with pytest.raises(CannotListen) as refused:
        asyncio.run(served(0, host))

    (told,) = sentences(refused.value)
    assert f"{host}:0 (" in told
    assert "(None)" not in told
    assert "already" not in told
