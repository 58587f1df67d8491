"""Which households accepted help, and where they live: from two topics alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from eropaf.gateway.feed import Heard
from eropaf.serving.reading import tell
from eropaf_client.outcomes import ACCEPTED, OutreachOutcome
from eropaf_client.records import PriorityUpdate
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import OUTCOMES, PRIORITIES
from eropaf_client.schemas.wire import Codec
from eropaf_client.source import Source
from eropaf_client.topic_reader import Decode, Read, TopicReader

# A case's number has 40 characters at most (Zaken API, `identificatie`).
PREFIX = "EROPAF-"


class Address(NamedTuple):
    """Where a household lives, in the one spelling of its key."""

    postcode: str
    house_number: int
    addition: str

    def __repr__(self) -> str:
        return "Address(…)"


class Noted(NamedTuple):
    """A household accepted help: by which outcome, and when (UTC). Where it lives another topic says."""

    number: str
    household: str
    at: datetime
    stored_at_ms: int


class Acceptance(NamedTuple):
    """A household accepted help: by which outcome, when (UTC), where it lives. Never why."""

    number: str
    household: str
    at: datetime
    stored_at_ms: int
    address: Address


class Forgotten(NamedTuple):
    """A household was forgotten, up to when (ms since 1970), and the numbers of what it had accepted."""

    household: str
    at_ms: int
    numbers: tuple[str, ...]


class Objected(NamedTuple):
    """A resident objected: what was accepted and stored until then (ms since 1970) is no longer handed on."""

    household: str
    at_ms: int


class Reported(NamedTuple):
    """An outcome, and whether the resident objects with it."""

    outcome: OutreachOutcome
    objects: bool


class Acceptances:
    """What was read of acceptances, addresses and erasures.

    The topics have no order between them: where a household was erased, the time of storage says which
    outcomes were before.
    """

    def __init__(self) -> None:
        self._noted: dict[str, Noted] = {}
        self._addresses: dict[str, Address] = {}
        self._erased_at_ms: dict[str, int] = {}

    def take(self, read: Read) -> Forgotten | Objected | None:
        """Take in a record that was read; return what ends with it, if anything does."""
        if isinstance(read.value, Reported):
            outcome = read.value.outcome
            if read.value.objects:
                return self._end(outcome.household, read.stored_at_ms)
            return self._note(outcome, read.stored_at_ms)
        if isinstance(read.value, Heard):
            household = read.key.decode(errors="replace")
            if read.value.update is None:
                return self._forget(household, read.stored_at_ms)
            self._addresses[household] = _address(read.value.update)
        return None  # else it was set aside, and counted

    def drain(self) -> list[Noted]:
        """Return what was accepted since this was last asked, and forget it."""
        noted = list(self._noted.values())
        self._noted.clear()
        return noted

    def addressed(self, noted: Iterable[Noted]) -> list[Acceptance]:
        """Return those of households whose address is known, oldest first."""
        found = [
            Acceptance(each.number, each.household, each.at, each.stored_at_ms, address)
            for each in noted
            if (address := self._addresses.get(each.household)) is not None
        ]
        return sorted(found, key=lambda each: (each.at, each.number))

    def forget_old(self, before_ms: int) -> None:
        """Forget erasures behind which no outcome can come any more."""
        old = [household for household, at_ms in self._erased_at_ms.items() if at_ms < before_ms]
        for household in old:
            del self._erased_at_ms[household]

    def _note(self, outcome: OutreachOutcome, stored_at_ms: int) -> Forgotten | None:
        household, erased_at_ms = outcome.household, self._erased_at_ms.get(outcome.household, -1)
        if outcome.result not in ACCEPTED:
            return None
        number = number_of(household, outcome.outcome_id)
        if stored_at_ms <= erased_at_ms:
            # Said each time: once the household is listed again, its topic says no more that it was erased.
            return Forgotten(household, erased_at_ms, (number,))
        self._noted.setdefault(number, Noted(number, household, outcome.at, stored_at_ms))
        return None

    def _end(self, household: str, at_ms: int) -> Objected:
        # A household's outcomes stand in one partition, so all that it accepted before was read before.
        self._noted = {number: each for number, each in self._noted.items() if each.household != household}
        return Objected(household, at_ms)

    def _forget(self, household: str, at_ms: int) -> Forgotten:
        self._addresses.pop(household, None)
        at_ms = self._erased_at_ms[household] = max(at_ms, self._erased_at_ms.get(household, -1))
        gone = tuple(
            number
            for number, each in self._noted.items()
            if each.household == household and each.stored_at_ms <= at_ms
        )
        for number in gone:
            del self._noted[number]
        return Forgotten(household, at_ms, gone)


def _address(update: PriorityUpdate) -> Address:
    return Address(update.postcode, update.house_number, update.addition)


def number_of(household: str, outcome_id: str) -> str:
    """Return the number of the case of an acceptance: always the same, and says nothing of who they are."""
    return PREFIX + hashlib.sha256(f"{household}/{outcome_id}".encode()).hexdigest()[:32]


def acceptances_reader(source: Source, registry: Registry) -> TopicReader:
    """Return the reader of both topics."""
    return TopicReader(source, _decoders(registry), tell)


def _decoders(registry: Registry) -> Mapping[str, Decode]:
    outcomes = Codec("OutreachOutcome", OUTCOMES, registry)
    updates = Codec("PriorityUpdate", PRIORITIES, registry)

    def found(value: bytes) -> Reported:
        record = outcomes.decode(value)
        return Reported(OutreachOutcome.from_record(record), record["objects"] is True)

    def heard(value: bytes | None) -> Heard:
        return Heard(None if value is None else PriorityUpdate.from_record(updates.decode(value)))

    return {OUTCOMES: found, PRIORITIES: heard}
