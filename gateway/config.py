"""What the gateway needs to know, as values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from eropaf.gateway.callers import Callers
from eropaf_client.cluster import Cluster
from eropaf_client.files.filed import NOTHING_ASKED, Asked

# Where a rule stands that a creditor did not meet, by its code and the kind of creditor; None: nowhere.
SourceOf = Callable[[str, str], str | None]


@dataclass(frozen=True, slots=True)
class Tls:
    """The gateway's own certificate; `client_ca_file`: who may sign those of callers, if they show one."""

    certificate_file: Path
    key_file: Path
    client_ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Tokens:
    """Whose tokens count: an issuer, for whom they must be made, and who may have signed the issuer."""

    issuer: str
    audience: str
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """How long the topics keep what they hold, in days."""

    arrears_days: int = 30
    feedback_days: int = 62
    updates_days: int = 7
    erasures_days: int = 76


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    """Where the gateway reads and writes, whom it lets in, and by what.

    `address` is what callers use. `group` is that of the workers: how far they have read says what was taken
    in. `trusted_proxies` are those whose word on a caller's certificate is taken, by the address from which
    they connect; with a `socket` it is that of whoever may open it, and nobody else comes in. `asked` is what
    the readers of files are told. To `slips_public_key` contact slips are sealed; without one none are taken.
    """

    cluster: Cluster
    address: str
    callers: Callers
    group: str = "eropaf"
    tokens: Tokens | None = None
    tls: Tls | None = None
    trusted_proxies: tuple[str, ...] = ()
    socket: Path | None = None
    asked: Asked = field(default=NOTHING_ASKED, repr=False)
    source_of: SourceOf = lambda code, partner_type: None
    kept: Kept = Kept()
    slips_public_key: str | None = None

    @property
    def https(self) -> bool:
        """Whether callers reach the gateway by https."""
        return self.address.startswith("https://")
