"""Who leads the cluster's own quorum: one raw DescribeQuorum request.

The client library does not ask it, and the controller in a metadata answer is any broker.
"""

from __future__ import annotations

import socket
import struct

from eropaf.deploy.embedded.ports import HOST

DESCRIBE_QUORUM = 55
CLIENT = b"chaos"
TOPIC = b"__cluster_metadata"
ANSWER_WITHIN_S = 5.0


def active_controller(port: int) -> int:
    """Ask the broker on `port` for the id of the active controller."""
    with socket.create_connection((HOST, port), timeout=ANSWER_WITHIN_S) as connection:
        connection.sendall(_request())
        (size,) = struct.unpack(">i", _receive(connection, 4))
        return _leader(_receive(connection, size))


def _request() -> bytes:
    # Key, version 0, correlation id, client, no tags; then one topic with its partition 0, in the
    # protocol's compact form: lengths are one more than they are, and tags end each part.
    head = struct.pack(f">hhih{len(CLIENT)}sB", DESCRIBE_QUORUM, 0, 1, len(CLIENT), CLIENT, 0)
    topic = bytes([2, len(TOPIC) + 1]) + TOPIC + bytes([2]) + struct.pack(">i", 0) + bytes([0, 0, 0])
    return struct.pack(">i", len(head) + len(topic)) + head + topic


def _leader(answer: bytes) -> int:
    # Correlation id, tags; error; one topic, its name; one partition: index, error, leader.
    at = 4 + 1 + 2 + 1 + 1 + len(TOPIC) + 1
    _, error, leader = struct.unpack_from(">ihi", answer, at)
    if error:
        raise OSError(f"the quorum is not known (Kafka's error {error})")
    return int(leader)


def _receive(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        part = connection.recv(size - len(received))
        if not part:
            raise ConnectionResetError("the broker hung up")
        received += part
    return received
