"""Seals every explanation that is kept to the auditors' new key, so that the old one can be destroyed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import KafkaException

from eropaf.agents.sealing import CannotOpen, PrivateKeys, Sealer
from eropaf.settings import Settings, SettingsError
from eropaf.streams.errors import BrokerUnreachable
from eropaf.streams.operate import reading
from eropaf.streams.operate.rewriting import Rewriting, Value
from eropaf.streams.operate.topics import admin
from eropaf.streams.runtime.transactional import TransactionalClient
from eropaf.streams.runtime.transport import Librdkafka
from eropaf_client.errors import ClientError
from eropaf_client.schemas.errors import Undecodable
from eropaf_client.schemas.topics import EXPLANATIONS
from eropaf_client.schemas.wire import Codec

INTRODUCED_WITHIN_S = 30.0
# One portion of a partition, in one transaction.
RESEALED_WITHIN_S = 60.0


class StillSealedToTheOld(ClientError):
    """A worker seals to the old key while explanations are sealed to the new one."""

    code = "still-sealed-to-the-old"


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many explanations were sealed anew; and how many nobody here can open."""

    anew: int
    left: int


def reseal(settings: Settings, tell: Callable[[int], None]) -> Resealed:
    """Seal every explanation to EROPAF_AUDITORS_PUBLIC_KEY; `tell` is told how many are, now and then.

    What a worker writes meanwhile stands. Twice changes nothing more.

    Raises:
        SettingsError: a key is missing.
        StillSealedToTheOld: see there; what was sealed anew is.
        BrokerUnreachable: what was told is sealed anew.

    """
    if settings.auditors_public_key is None or not settings.auditors_private_keys:
        raise SettingsError(
            "set EROPAF_AUDITORS_PUBLIC_KEY to the new public key, and EROPAF_AUDITORS_PRIVATE_KEY to the "
            "old private key: what this one opens is sealed to the other"
        )
    codec: Codec[dict[str, Any]] = Codec("Explanation", EXPLANATIONS, settings.registry())
    seals = Seals(codec, Sealer(settings.auditors_public_key), PrivateKeys(settings.auditors_private_keys))
    anew = left = 0
    kafka, transactions = admin(settings.bootstrap, settings.kafka_client), _introduced(settings)
    for tp in reading.partitions(kafka, EXPLANATIONS):
        rewriting = Rewriting(settings.bootstrap, settings.kafka_client, tp, kafka, transactions)
        first, stale = rewriting.look(seals.is_another)
        end = first
        while todo := [each for each in stale if each.key not in seals.unopened]:
            if any(each.offset >= first for each in todo):
                raise StillSealedToTheOld(
                    f"{anew} explanations were sealed to the new key, and meanwhile a worker sealed more to "
                    "another: start every worker with the new EROPAF_AUDITORS_PUBLIC_KEY, then give the "
                    "command again"
                )
            for count in rewriting.write(end, todo, seals.anew):
                anew += count
                tell(anew)
            end, stale = rewriting.look(seals.is_another)
        left += len(stale)
    return Resealed(anew, left)


@dataclass(slots=True)
class Seals:
    """The new seal, and the keys to the old ones; `unopened` are households of which none fits."""

    codec: Codec[dict[str, Any]]
    sealer: Sealer
    keys: PrivateKeys
    unopened: set[bytes] = field(default_factory=set)

    def is_another(self, value: bytes) -> bool:
        """Return whether an explanation is sealed to another key than the new one, or cannot be read."""
        try:
            return bool(self.codec.decode(value)["key_id"] != self.sealer.key_id)
        except Undecodable:
            return True

    def anew(self, kept: Value) -> bytes | None:
        """Return an explanation sealed to the new key; None where no key opens it."""
        try:
            return self.codec.encode(self.sealer.reseal(self.codec.decode(kept.value), self.keys))
        except (CannotOpen, Undecodable):
            self.unopened.add(kept.key)
            return None


def _introduced(settings: Settings) -> TransactionalClient:
    transactions = TransactionalClient(
        Librdkafka().producer,
        settings.bootstrap,
        settings.kafka_client,
        # That of whoever puts savepoints back: the same role, for such an hour.
        f"{settings.group}-savepoint",
        RESEALED_WITHIN_S,
    )
    try:
        transactions.introduce(INTRODUCED_WITHIN_S)
    except KafkaException as error:
        raise BrokerUnreachable(
            f"nothing was sealed anew at {settings.bootstrap} ({error.args[0].str()})"
        ) from None
    return transactions
