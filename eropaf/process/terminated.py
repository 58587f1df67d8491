"""The end that SIGTERM asks for."""

from __future__ import annotations


class Terminated(KeyboardInterrupt):
    """SIGTERM came: what is open is closed as on Ctrl-C, so that no broker and no worker is left behind."""
