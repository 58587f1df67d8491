"""The tools that are told by webhook: where, and by which secret a tool knows that it is us."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from pathlib import Path

from eropaf.gateway.callers import Caller, Callers, CallersRefused

PREFIX = "whsec_"
SHORTEST_SECRET_BYTES, LONGEST_SECRET_BYTES = 24, 64


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: what it may see, where it is told, what signs, and the bearer token it asks for, if any."""

    caller: Caller
    address: str
    secrets: tuple[bytes, ...] = field(repr=False)
    token: str | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """What it is called in the file of callers."""
        return str(self.caller.outreach)


def tools_of(callers: Callers, folder: Path) -> list[Tool]:
    """Return every caller with a webhook; its secrets stand in `folder`, in files of its name.

    Raises:
        CallersRefused: a secret is missing, or cannot be one.
    """
    found = []
    for each in callers.all:
        if each.webhook is not None:
            name = str(each.outreach)
            token = _lines(folder / f"{name}.token", needed=False)
            secrets = tuple(map(secret_of, _lines(folder / f"{name}.secret", needed=True)))
            found.append(Tool(each, each.webhook, secrets, token[0] if token else None))
    return found


def _lines(path: Path, *, needed: bool) -> list[str]:
    try:
        lines = path.read_text("ascii").split()
    except FileNotFoundError:
        lines = []
    except (OSError, ValueError) as error:
        raise CallersRefused(f"{path} cannot be read: {type(error).__name__}") from None
    if needed and not lines:
        raise CallersRefused(f"{path} holds no secret: a webhook that is not signed could be anybody's")
    return lines


def secret_of(text: str) -> bytes:
    """Return the bytes of a secret as Standard Webhooks writes it.

    Raises:
        CallersRefused: it cannot be one.
    """
    try:
        secret = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if not text.startswith(PREFIX) or not SHORTEST_SECRET_BYTES <= len(secret) <= LONGEST_SECRET_BYTES:
        bounds = f"{SHORTEST_SECRET_BYTES} to {LONGEST_SECRET_BYTES} bytes in base64"
        raise CallersRefused(f"a webhook's secret is {PREFIX} and then {bounds}")
    return secret
