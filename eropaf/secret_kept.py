"""Which household secret a cluster's keys were made with: kept in it, compared before more are made."""

from __future__ import annotations

import time

from eropaf.settings import Settings, SettingsError
from eropaf_client.errors import BrokerUnreachable
from eropaf_client.reading import read_all
from eropaf_client.schemas.topics import FINGERPRINT
from eropaf_client.schemas.wire import Codec
from eropaf_client.sending import Sender

KEY = b"household"


def proven_secret(settings: Settings) -> bytes:
    """Return the household secret, once it is known to be the one that this cluster's keys are made with.

    The first that asks keeps its fingerprint in the cluster. Of two at once the first one stored holds.

    Raises:
        SettingsError: there is no secret, or the cluster's keys were made with another one.
        BrokerUnreachable, TopicMissing: the cluster could not be asked.

    """
    own = settings.secret_fingerprint()
    kept = _kept(settings)
    if kept is None:
        _keep(settings, own)
        kept = _kept(settings)
    if kept != own:
        raise SettingsError(
            f"EROPAF_HOUSEHOLD_SECRET has the fingerprint {own}, and the keys of the cluster at "
            f"{settings.bootstrap} were made with {kept}: every household would stand there twice, and a "
            "payment would never reach the old one. Set the secret that was used before. To change it on "
            "purpose, see docs/how-to/secure.md"
        )
    return settings.secret()


def _kept(settings: Settings) -> str | None:
    codec = Codec("SecretFingerprint", FINGERPRINT, settings.registry())
    for record in read_all(settings.cluster(), FINGERPRINT):
        if record.key() == KEY and record.value() is not None:
            return str(codec.decode(record.value())["fingerprint"])
    return None


def _keep(settings: Settings, fingerprint: str) -> None:
    with Sender(settings.cluster(), FINGERPRINT, "SecretFingerprint") as sender:
        kept = {"fingerprint": fingerprint, "kept_at": int(time.time() * 1000)}
        sent = sender.store(KEY.decode(), sender.encode(kept))
    if sent.at is None:
        raise BrokerUnreachable(
            f"the fingerprint of EROPAF_HOUSEHOLD_SECRET could not be kept on {FINGERPRINT} at "
            f"{settings.bootstrap} ({sent.error}). Is it running, and may we write there "
            "(`eropaf acls apply`)?"
        )
