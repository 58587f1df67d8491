"""The fingerprint of a cluster's household secret: stored in the cluster, compared before making keys."""

from __future__ import annotations

import re
import time
from typing import Any

import structlog

from eropaf.cluster.readable import records, say
from eropaf.settings import Settings, SettingsError
from eropaf_client.errors import BrokerUnreachable
from eropaf_client.schemas.aside import Asides
from eropaf_client.schemas.topics import FINGERPRINT
from eropaf_client.sending import Sender

log = structlog.get_logger(__name__)

KEY = b"household"
# As `Settings.secret_fingerprint` makes it.
MADE = re.compile("[0-9a-f]{8}")


def proven_secret(settings: Settings) -> bytes:
    """Return the household secret, after verifying that this cluster's keys were made with it.

    The first caller stores its fingerprint in the cluster. Of two at once, the first one stored wins.

    Raises:
        SettingsError: no secret is set, or the cluster's keys were made with another one.
        BrokerUnreachable, TopicMissing: the cluster could not be queried.

    """
    own = settings.secret_fingerprint()
    kept = _kept(settings)
    if kept is None:
        _keep(settings, own)
        kept = _kept(settings)
    if kept != own:
        raise SettingsError(
            f"EROPAF_HOUSEHOLD_SECRET has the fingerprint {own}, and the keys of the cluster at "
            f"{settings.bootstrap} were made with {kept}: every household would be listed twice, and a "
            "payment would never reach the old entry. Set the secret used before. To change it on purpose, "
            "see docs/how-to/secure.md"
        )
    return settings.secret()


def _kept(settings: Settings) -> str | None:
    """Return the first stored fingerprint. Other records are set aside, since nobody can delete them."""
    asides = Asides()
    read = records(settings, FINGERPRINT, "SecretFingerprint", asides, _fingerprint, _is_it)
    kept = next((fingerprint for _, fingerprint in read if fingerprint is not None), None)
    if asides:
        _tell(asides)
    return kept


def _is_it(message: Any) -> bool:
    return bool(message.key() == KEY)


def _fingerprint(record: dict[str, Any]) -> str:
    fingerprint = str(record["fingerprint"])
    if MADE.fullmatch(fingerprint) is None:
        raise ValueError("not one of our fingerprints")
    return fingerprint


def _tell(asides: Asides) -> None:
    """Report what was set aside: in a process's log, or to the user of the command."""
    if structlog.is_configured():
        log.warning("set aside", records=asides.total, first=[str(aside) for aside in asides.first])
    else:
        say(asides)


def _keep(settings: Settings, fingerprint: str) -> None:
    with Sender(settings.cluster(), FINGERPRINT, "SecretFingerprint") as sender:
        kept = {"fingerprint": fingerprint, "kept_at": int(time.time() * 1000)}
        sent = sender.store(KEY.decode(), sender.encode(kept))
    if sent.at is None:
        raise BrokerUnreachable(
            f"the fingerprint of EROPAF_HOUSEHOLD_SECRET could not be kept on {FINGERPRINT} at "
            f"{settings.bootstrap} ({sent.error}). Is the broker running, and may this principal write there "
            "(`eropaf acls apply`)?"
        )
