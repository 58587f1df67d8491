"""What the board needs to know, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from eropaf.board.explaining import Explainer
from eropaf_client.cluster import Cluster


@dataclass(frozen=True, slots=True)
class OpenId:
    """An OpenID Connect provider, what we are there, and a file of who may have signed it."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class BoardConfig:
    """Where the board reads, keeps its accounts, and is reached.

    `address` is what browsers use: with https, cookies are for https alone. `capacity` is how many
    households one worker can have in hand. `event_clock`: today is the day of the newest update,
    for a city whose days pass quicker than ours; `time_zone` is where days are counted. `explainer` opens
    explanations, where this board may.
    `address_register` is a file of `eropaf addresses load`, which gives addresses their streets.
    `theme` is a folder with `theme.css`, a municipality's own design.
    `trusted_proxies` are the addresses and networks whose word on where a request comes from is taken.
    """

    cluster: Cluster
    database: str
    address: str
    open_id: OpenId | None = None
    capacity: int = 25
    event_clock: bool = False
    time_zone: str = "Europe/Amsterdam"
    explainer: Explainer | None = None
    trusted_proxies: tuple[str, ...] = ()
    theme: Path | None = None
    address_register: Path | None = None

    @property
    def https(self) -> bool:
        """Whether browsers reach the board by https."""
        return self.address.startswith("https://")
