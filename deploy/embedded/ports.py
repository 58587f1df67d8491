"""Ports to which brokers must be able to return."""

from __future__ import annotations

import random
import socket
from pathlib import Path

from eropaf.deploy.embedded.errors import NoLoopback

HOST = "127.0.0.1"
LOWEST_PORT = 20_000
REACHED_WITHIN_S = 5.0
EPHEMERAL_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
EPHEMERAL_FROM = 32_768  # where that file is not there


def choose(count: int) -> list[int]:
    """Return distinct unused ports.

    Raises:
        NoLoopback: this machine has no address to listen on.

    They are below the range of ports that the kernel assigns to outgoing connections. Within it, a client
    trying to reach a dead broker could be assigned the broker's own port: it would then talk to itself, and
    the broker could not come back.
    """
    _check_loopback()
    chosen: list[int] = []
    for port in random.sample(range(LOWEST_PORT, _ephemeral_from()), k=_ephemeral_from() - LOWEST_PORT):
        if len(chosen) == count:
            break
        if is_free(port):
            chosen.append(port)
    return chosen


def first_free(wanted: int, count: int) -> int:
    """Return the first port from `wanted` on that is free together with the next `count` - 1."""
    _check_loopback()
    port = wanted
    while not all(is_free(each) for each in range(port, port + count)):
        port += 1
    return port


def is_free(port: int) -> bool:
    """Return whether a broker could listen on this port. Old connections to it do not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _check_loopback() -> None:
    try:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            probe.listen()
            # If the loopback is down, listening works, but connecting does not.
            socket.create_connection(probe.getsockname(), REACHED_WITHIN_S).close()
    except OSError as error:
        raise NoLoopback(
            f"nothing can connect to {HOST} on this machine ({error.strerror or error}), where broker, "
            "workers and page listen. Enable IPv4 loopback (`ip link set lo up`)"
        ) from None


def _ephemeral_from() -> int:
    try:
        lowest = int(EPHEMERAL_RANGE.read_text("ascii").split()[0])
    except OSError:
        return EPHEMERAL_FROM
    # On a machine whose range starts low, no port is better than another.
    return lowest if lowest > LOWEST_PORT + 1_000 else EPHEMERAL_FROM
