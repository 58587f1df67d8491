"""What a resident's own page needs to know, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from eropaf.board.config import OpenId


@dataclass(frozen=True, slots=True)
class DeskPlace:
    """Where the desk is, and the secret by which it knows this page."""

    url: str
    secret: str = field(repr=False)
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class ResidentPageConfig:
    """Where the page is reached, and what it asks.

    `open_id` is the municipality's broker, `levels` the levels of assurance to ask it for. `contact` is how
    residents reach the municipality.
    """

    address: str
    desk: DeskPlace
    open_id: OpenId | None = None
    levels: tuple[str, ...] = ()
    contact: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    theme: Path | None = None
