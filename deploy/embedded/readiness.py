"""Checks whether a broker is ready, with one raw Metadata request.

A client library would notice later, as it backs off after each failed attempt. It is used only if the broker
asks for a name and password first.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from eropaf.deploy.embedded.ports import HOST
from eropaf.deploy.embedded.security import ADMIN, Security

METADATA, VERSION = 3, 4
CLIENT = b"eropaf-ready"
# Key, version, correlation id, client, an empty list of topics, do not create any.
BODY = struct.pack(f">hhih{len(CLIENT)}siB", METADATA, VERSION, 1, len(CLIENT), CLIENT, 0, 0)
NODE_ANSWERS_WITHIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Metadata:
    """The cluster's members, as one broker sees them."""

    brokers: frozenset[int]
    controller: int  # -1: none yet


def ask_metadata(port: int, security: Security | None = None) -> Metadata | None:
    """Query the broker on this port; None if it does not answer (yet)."""
    if security is not None:
        return _ask_as_admin(port, security)
    try:
        with socket.create_connection((HOST, port), timeout=NODE_ANSWERS_WITHIN_S) as connection:
            connection.sendall(struct.pack(">i", len(BODY)) + BODY)
            (size,) = struct.unpack(">i", _receive(connection, 4))
            return _decode(_receive(connection, size))
    except (OSError, struct.error):
        return None


def _ask_as_admin(port: int, security: Security) -> Metadata | None:
    admin = AdminClient({**security.client(ADMIN), "bootstrap.servers": f"{HOST}:{port}", "log_level": 0})
    try:
        seen = admin.list_topics(timeout=NODE_ANSWERS_WITHIN_S)
    except KafkaException:
        return None
    return Metadata(frozenset(seen.brokers or ()), seen.controller_id)


def _receive(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        part = connection.recv(size - len(received))
        if not part:
            raise ConnectionResetError
        received += part
    return received


def _decode(answer: bytes) -> Metadata:
    at = 8  # after the correlation id and the throttle time
    (count,) = struct.unpack_from(">i", answer, at)
    at += 4
    brokers = set()
    for _ in range(count):
        brokers.add(struct.unpack_from(">i", answer, at)[0])
        at = _after_string(answer, at + 4)  # host
        at = _after_string(answer, at + 4)  # port, rack
    at = _after_string(answer, at)  # cluster id
    (controller,) = struct.unpack_from(">i", answer, at)
    return Metadata(frozenset(brokers), controller)


def _after_string(answer: bytes, at: int) -> int:
    length: int = struct.unpack_from(">h", answer, at)[0]
    return at + 2 + max(0, length)  # -1: null
