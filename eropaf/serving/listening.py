"""A port that nobody can listen on, as a sentence."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from eropaf_client.errors import ClientError


class CannotListen(ClientError):
    """A server's port is another program's, or not ours to use, or its address is not of this machine."""

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
