"""A port or socket that nobody can listen on, as a sentence."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server

from eropaf_client.errors import ClientError


class CannotListen(ClientError):
    """A server's port or socket is another program's, or not ours to use, or its place is not there."""

    code = "cannot-listen"


@contextmanager
def listening(host: str, port: int) -> Iterator[None]:
    """Begin to listen on `host` and `port`.

    Raises:
        CannotListen: nobody can.

    """
    try:
        yield
    except OSError as error:
        again = " Does it run already?" if error.errno == errno.EADDRINUSE else ""
        raise CannotListen(
            f"nothing of ours can listen on {host}:{port} ({error.strerror}).{again} "
            "docs/reference/settings.md says which settings name host and port"
        ) from None


def own_registry() -> CollectorRegistry:
    """Return a registry of one kind of process: what another measures must not seem to come from it."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return registry


def serve_metrics(host: str, port: int, registry: CollectorRegistry) -> None:
    """Serve what `registry` measures, on a thread of its own.

    Raises:
        CannotListen: nobody can listen there.

    """
    with listening(host, port):
        start_http_server(port, host, registry=registry)


@contextmanager
def listening_at(path: str) -> Iterator[None]:
    """Listen at a Unix socket.

    Raises:
        CannotListen: nobody can.
    """
    try:
        yield
    except OSError as error:
        raise CannotListen(
            f"nothing of ours can listen at the socket {path} ({error.strerror or error}). Its folder must "
            "be there, and ours to write to: docs/reference/settings.md says which setting names it"
        ) from None
