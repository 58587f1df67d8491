from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from eropaf.deploy.embedded.ports import HOST, choose
from tests.chaos.proxy import END_TXN, PRODUCE, TXN_OFFSET_COMMIT, Network
from tests.integration.processes import PATIENCE_S


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that says what it hears."""
    with socket.create_server((HOST, 0)) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        yield server.getsockname()[1]


def serve(server: socket.socket) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=answer, args=(connection,), daemon=True).start()


def answer(connection: socket.socket) -> None:
    with connection:
        try:
            while data := connection.recv(1000):
                connection.sendall(data)
        except OSError:
            pass


@pytest.fixture
def network() -> Iterator[Network]:
    network = Network()
    yield network
    network.close()


@pytest.fixture
def client(network: Network, echo: int) -> Iterator[socket.socket]:
    (port,) = choose(1)
    network.listen(port, echo)
    with socket.create_connection((HOST, port), timeout=PATIENCE_S) as connection:
        assert said(connection, b"hello") == b"hello"
        yield connection


def said(connection: socket.socket, data: bytes) -> bytes:
    connection.sendall(data)
    return connection.recv(1000)


def test_a_cut_link_lets_nothing_pass_and_loses_nothing(network: Network, client: socket.socket) -> None:
    network.cut(frozenset({os.getpid()}))
    client.settimeout(0.3)
    with pytest.raises(TimeoutError):
        said(client, b"late")

    network.mend()

    client.settimeout(5)
    assert client.recv(1000) == b"late"


def test_the_link_of_another_process_is_not_cut(network: Network, client: socket.socket) -> None:
    network.cut(frozenset({os.getppid()}))

    assert said(client, b"passes") == b"passes"


def test_a_server_that_is_cut_off_hears_nobody(network: Network, client: socket.socket, echo: int) -> None:
    network.cut(frozenset(), frozenset({echo}))
    client.settimeout(0.3)

    with pytest.raises(TimeoutError):
        said(client, b"late")


def test_a_port_may_lead_elsewhere_from_some_moment_on(network: Network, echo: int) -> None:
    (port,) = choose(1)
    network.listen(port, 1)
    network.listen(port, echo)

    with socket.create_connection((HOST, port), timeout=PATIENCE_S) as connection:
        assert said(connection, b"hello") == b"hello"


def test_a_reset_ends_the_connection(network: Network, client: socket.socket) -> None:
    network.reset()

    with pytest.raises(ConnectionResetError):
        client.recv(1000)


def test_a_slow_link_takes_its_time(network: Network, client: socket.socket) -> None:
    network.delay_s = 0.2
    began = time.monotonic()

    said(client, b"slowly")

    assert time.monotonic() - began >= 0.4


def request(api: int) -> bytes:
    """Return the shortest message that looks like a request of Kafka's protocol."""
    return (4).to_bytes(4, "big") + api.to_bytes(2, "big") + b"\0\0"


def test_a_request_that_is_held_back_comes_after_it_was_asked_again(network: Network, echo: int) -> None:
    (port,) = choose(1)
    network.listen(port, echo, kafka=True)
    late = network.hold_back(END_TXN, until=TXN_OFFSET_COMMIT, passed_by=1)
    with socket.create_connection((HOST, port), timeout=PATIENCE_S) as first:
        first.sendall(request(END_TXN))
        with pytest.raises(ConnectionResetError):
            first.recv(1000)

    with socket.create_connection((HOST, port), timeout=PATIENCE_S) as again:
        for api in (END_TXN, TXN_OFFSET_COMMIT):
            assert said(again, request(api)) == request(api)
            assert not late.arrived.is_set()
        assert said(again, request(TXN_OFFSET_COMMIT)) == request(TXN_OFFSET_COMMIT)
        assert late.arrived.is_set()


def test_what_is_still_held_back_comes_when_it_is_let_go(network: Network, echo: int) -> None:
    (port,) = choose(1)
    network.listen(port, echo, kafka=True)
    late = network.hold_back(PRODUCE, until=END_TXN)
    with socket.create_connection((HOST, port), timeout=PATIENCE_S) as first:
        first.sendall(request(PRODUCE))
        with pytest.raises(ConnectionResetError):
            first.recv(1000)

    network.deliver()

    assert late.arrived.wait(PATIENCE_S)
