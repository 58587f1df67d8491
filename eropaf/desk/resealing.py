"""Reseals every stored explanation to the auditors' new key, so that the old one can be destroyed."""

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
    """A worker still seals to the old key while explanations are being resealed."""

    code = "still-sealed-to-the-old"


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many explanations were resealed, and how many none of the keys opens."""

    anew: int
    left: int


def reseal(settings: Settings, tell: Callable[[int], None]) -> Resealed:
    """Reseal every explanation to EROPAF_AUDITORS_PUBLIC_KEY; `tell` receives progress counts.

    Concurrent writes of workers win. Idempotent.

    Raises:
        SettingsError: a key is missing.
        StillSealedToTheOld: what was resealed stays so.
        BrokerUnreachable: the count told is resealed.

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
                    f"{anew} explanations were sealed to the new key, but a worker sealed more to another "
                    "key at the same time: start every worker with the new EROPAF_AUDITORS_PUBLIC_KEY, then "
                    "run the command again"
                )
            for count in rewriting.write(end, todo, seals.anew):
                anew += count
                tell(anew)
            end, stale = rewriting.look(seals.is_another)
        left += len(stale)
    return Resealed(anew, left)


@dataclass(slots=True)
class Seals:
    """The new sealer and the keys to the old seals; `unopened`: households that no key fits."""

    codec: Codec[dict[str, Any]]
    sealer: Sealer
    keys: PrivateKeys
    unopened: set[bytes] = field(default_factory=set)

    def is_another(self, value: bytes) -> bool:
        """Return whether an explanation is not sealed to the new key, or is unreadable."""
        try:
            return bool(self.codec.decode(value)["key_id"] != self.sealer.key_id)
        except Undecodable:
            return True

    def anew(self, kept: Value) -> bytes | None:
        """Return an explanation resealed to the new key; None if no key opens it."""
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
        # The id of savepoint imports: the same role, for such an hour.
        f"{settings.group}-savepoint",
        RESEALED_WITHIN_S,
    )
    try:
        transactions.introduce(INTRODUCED_WITHIN_S)
    except KafkaException as error:
        raise BrokerUnreachable(
            f"nothing was resealed at {settings.bootstrap} ({error.args[0].str()})"
        ) from None
    return transactions
