"""The board's configuration, as values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from eropaf.board.explaining import Explainer, Slip
from eropaf_client.cluster import Cluster


@dataclass(frozen=True, slots=True)
class OpenId:
    """An OpenID Connect provider, our client there, and a CA file."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose ID tokens say who a resident is: the municipality's broker, for DigiD.

    `bsn_claim` names the claim that holds the number; `levels` are the levels of assurance (`acr`) that do.
    """

    issuer: str
    client_id: str
    bsn_claim: str
    levels: tuple[str, ...]
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class ResidentsServed:
    """What the desk does for residents: for the page that knows `secret`, by code, and by `identity`."""

    secret: str = field(repr=False)
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class BoardConfig:
    """Where the board reads, stores its accounts, and is reached.

    `address` is what browsers use: with https, cookies are secure. `capacity` is how many households one
    worker can have in hand, `check_out_minutes` how long one is at a door before the lead is shown it.
    `event_clock`: today is the day of the newest update, for a simulated city with
    faster days; `time_zone` defines days. `explainer` opens explanations, if this board may.
    `address_register` is a file of `eropaf addresses load`, which gives addresses their streets. `theme` is a
    folder with `theme.css`, a municipality's own design. `trusted_proxies` are the addresses and networks
    whose X-Forwarded-For is trusted. `ask_slips` asks the desk for a household's contact slips in a worker's
    name; `slips_token` is what the desk is asked with, if this board is the desk. `residents`: a desk that
    serves a resident's own page. `asks_creditors`: creditors are asked whether arrears still stand, of what
    somebody takes.
    """

    cluster: Cluster
    database: str
    address: str
    open_id: OpenId | None = None
    capacity: int = 25
    check_out_minutes: int = 60
    event_clock: bool = False
    time_zone: str = "Europe/Amsterdam"
    explainer: Explainer | None = None
    trusted_proxies: tuple[str, ...] = ()
    theme: Path | None = None
    address_register: Path | None = None
    ask_slips: Callable[[str, str], Sequence[Slip]] | None = None
    slips_token: str | None = field(default=None, repr=False)
    residents: ResidentsServed | None = None
    asks_creditors: bool = False

    @property
    def https(self) -> bool:
        """Whether browsers reach the board by https."""
        return self.address.startswith("https://")
