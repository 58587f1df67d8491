"""What in a savepoint, or came after it, is about households that were erased since: it goes (ADR 46)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from eropaf.agents.codecs import household_events
from eropaf.agents.topology import ROWS
from eropaf.risk import objections, people
from eropaf.risk.address import normalise
from eropaf.risk.identity import household_key, resident_key
from eropaf.risk.records import NOWHERE, Address, EpochMs, HouseholdEvent
from eropaf.risk.refusal import Refused
from eropaf.risk.rows import HouseholdRow
from eropaf.streams.runtime.stage import changelog
from eropaf_client.schemas.aside import Asides, SetAside
from eropaf_client.schemas.errors import Undecodable
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import (
    ARREARS,
    AUDIT,
    HOUSEHOLD_EVENTS,
    REJECTED,
    RESIDENT_EVENTS,
    RESIDENTS,
    contacts,
    feedback,
)
from eropaf_client.schemas.wire import Codec

Entry = Mapping[str, Any]


def readable(
    entries: Iterable[Entry], decode: Callable[[bytes | None], HouseholdEvent]
) -> Iterator[tuple[Entry, HouseholdEvent]]:
    """Yield each entry that can be read, with its event."""
    for entry in entries:
        with suppress(Undecodable):
            yield entry, decode(entry["value"])


def aside(entry: Entry, error: Undecodable | Refused) -> SetAside:
    """Return the place of an entry that cannot be used, and why."""
    return SetAside(entry["topic"], entry["partition"], entry["offset"], error.reason)


@dataclass(slots=True)
class Gone:
    """Erased households, each with its erasure, and the savepoint's entries about them.

    Of objections nothing goes: neither what was said, nor an objector's entry of the register.
    """

    group: str
    erased: Mapping[str, tuple[Entry, HouseholdEvent]]
    registry: Registry
    secret: bytes
    unreadable: Asides = field(default_factory=Asides)
    _objecting: dict[tuple[str, bytes], set[tuple[int, EpochMs, bool]]] = field(default_factory=dict)
    """What was said of a resident's objection: by the event of an offset, or by the row, -1; and when."""
    _residents: dict[bytes, str] = field(default_factory=dict)
    """The household of each resident of theirs."""
    _contracts: dict[tuple[str, bytes], str] = field(default_factory=dict)
    """The household of each of their contracts, by the topic and key of its answers and its slip."""
    _addresses: dict[str, Address] = field(default_factory=dict)
    """The address of each of them that the savepoint has a row of."""
    _codecs: dict[str, Codec[Any]] = field(default_factory=dict)
    _events: Codec[HouseholdEvent] = field(init=False)

    def __post_init__(self) -> None:
        self._events = household_events(self.registry)

    def look_at(self, entries: Iterable[Entry]) -> None:
        """Learn from the whole savepoint who lives there and objects, and which contracts are theirs."""
        rows = changelog(self.group, "household")
        for entry in entries if self.erased else ():
            if entry["topic"] in (RESIDENTS, changelog(self.group, "resident")):
                household = self._household_of_address(entry)
                if household is not None:
                    self._residents[entry["key"]] = household
                elif self._key(entry) in self.erased and entry["topic"] != RESIDENTS:
                    self._look_at_resident(entry)
            elif self._key(entry) not in self.erased:
                continue
            elif entry["topic"] == HOUSEHOLD_EVENTS:
                self.hear(readable([entry], self._events.decode))
            elif entry["topic"] == rows:
                self._look_at_household(entry)

    def _look_at_household(self, entry: Entry) -> None:
        """Learn from a row where they live, whose arrears stand, and who objects."""
        key = self._key(entry)
        try:
            row = self._row(entry)
        except Undecodable as error:  # it is dropped, but nothing says which contracts were theirs
            self.unreadable.add(aside(entry, error))
            return
        self._addresses[key] = row.address
        for position in row.positions:
            self._holds(key, position.creditor, position.contract)
        for objector, at in objections.objecting_since(row).items():
            self._said(key, objector, (-1, at, True))

    def _look_at_resident(self, entry: Entry) -> None:
        """Learn whether a resident objects whom the register does not know."""
        key = self._key(entry)
        with suppress(Undecodable):
            row = self._codec(ROWS["resident"], entry["topic"]).decode(entry["value"])
            for each in row["waiting"]:
                self._holds(key, each["signal"]["creditor"], each["signal"]["contract"])
            if row["objected_at"] is not None:
                self._said(key, key, (-1, row["objected_at"], True))

    def _holds(self, household: str, creditor: str, contract: str) -> None:
        self._contracts[feedback(creditor), contract.encode()] = household
        self._contracts[contacts(creditor), contract.encode()] = household

    def hear(self, events: Iterable[tuple[Entry, HouseholdEvent]]) -> None:
        """Learn from events who objects."""
        for entry, event in events:
            if event.objection_stands is not None and event.objector is not None:
                self._said(
                    event.household, event.objector, (entry["offset"], event.at, event.objection_stands)
                )

    def _said(self, household: str, objector: str, word: tuple[int, EpochMs, bool]) -> None:
        self._objecting.setdefault((household, objector.encode()), set()).add(word)

    def addressed(self, entry: Entry, event: HouseholdEvent) -> Entry:
        """Return an objection with its household's address, which a door's leaves to a row: that goes."""
        address = self._addresses.get(event.household)
        if event.address is not None or address in (None, NOWHERE):
            return entry
        return {**entry, "value": self._events.encode(replace(event, address=address))}

    def left_of(self, entry: Entry) -> Entry | None:
        """Return what stays of `entry`, of an erased household's row the objections; None: nothing."""
        if not self.about(entry):
            return entry
        if entry["topic"] != changelog(self.group, "household"):
            return None
        try:
            row = people.forgotten(self._row(entry), self.erased[self._key(entry)][1].at)
        except Undecodable:  # told already
            return None
        if row is None:
            return None
        return {**entry, "value": self._codec(ROWS["household"], entry["topic"]).encode(row.to_record())}

    def about(self, entry: Entry) -> bool:
        """Return whether `entry` is about a household that was erased after it."""
        try:
            household = self._household(entry) if self.erased else None
        except (Undecodable, Refused) as error:
            return self._goes_unread(entry, error)
        if household is None or household not in self.erased:
            return False
        erasure, _ = self.erased[household]
        if entry["topic"] == HOUSEHOLD_EVENTS:
            return bool(entry["offset"] <= erasure["offset"]) and not self._promises(entry)
        if entry["topic"] == RESIDENT_EVENTS and self._promises(entry):
            return False
        if entry["topic"] in (RESIDENTS, changelog(self.group, "resident")):
            since: EpochMs | None = None
            for _, at, stands in sorted(self._objecting.get((household, entry["key"] or b""), ())):
                since = objections.newest(since, at, stands)
            if since is not None:
                return False
        # What a creditor or a tool wrote later is new.
        return bool(entry["timestamp_ms"] <= erasure["timestamp_ms"])

    def _promises(self, entry: Entry) -> bool:
        """Return whether `entry` is an erasure, or a word on an objection: neither is of the past."""
        told = readable([entry], self._events.decode)
        return any(
            event.objection_stands is not None or event.erasure_requested_on is not None for _, event in told
        )

    def _row(self, entry: Entry) -> HouseholdRow:
        record = self._codec(ROWS["household"], entry["topic"]).decode(entry["value"])
        return HouseholdRow.from_record(record)

    def _goes_unread(self, entry: Entry, error: Undecodable | Refused) -> bool:
        """Return whether to drop an unreadable record: it may be about somebody erased later."""
        goes = any(entry["timestamp_ms"] <= erasure["timestamp_ms"] for erasure, _ in self.erased.values())
        if goes:
            self.unreadable.add(aside(entry, error))
        return goes

    def _household(self, entry: Entry) -> str | None:
        """Return the key of the household that `entry` is about, from its key or its content.

        Raises:
            Undecodable, Refused: it is, or belongs to, a dead letter that cannot be read.

        """
        topic, key = entry["topic"], entry["key"]
        if topic == AUDIT:  # refers to the household by its key alone
            return None
        if topic.startswith(ARREARS):
            # Workers read it next, who may know its schema: what a creditor said is not given up here.
            with suppress(Undecodable, Refused):
                return self._household_told(topic, entry["value"])
            return None
        if topic == REJECTED:
            letter = self._codec("Rejected", REJECTED).decode(entry["value"])
            if letter["topic"].startswith(ARREARS):
                return self._household_told(letter["topic"], letter["value"])
            key = letter["key"]
        name = key.decode(errors="replace") if key is not None else ""
        return self._residents.get(key) or self._contracts.get((topic, key)) or name

    def _household_told(self, topic: str, value: bytes | None) -> str | None:
        """Return the household that an ArrearsSignal is about: by its address, or a resident's BSN."""
        resident = self._codec("ArrearsSignal", topic).decode(value)["resident"]
        if resident["bsn"] is not None:
            key = resident_key(resident["bsn"], self.secret)
            return self._residents.get(key.encode()) or key
        address = normalise(resident["postcode"], resident["house_number"], resident["addition"])
        return household_key(address, self.secret)

    def _household_of_address(self, entry: Entry) -> str | None:
        record = "Residence" if entry["topic"] == RESIDENTS else ROWS["resident"]
        if entry["value"] is None:
            return None
        try:
            address = self._codec(record, entry["topic"]).decode(entry["value"])["address"]
        except Undecodable:
            return None
        household = None if address is None else household_key(Address.from_record(address), self.secret)
        return household if household in self.erased else None

    def _codec(self, record: str, topic: str) -> Codec[Any]:
        """Return the codec of `topic`, always the same one: a codec caches the schemas it meets."""
        return self._codecs.get(topic) or self._codecs.setdefault(topic, Codec(record, topic, self.registry))

    def _key(self, entry: Entry) -> str:
        return bytes(entry["key"]).decode(errors="replace")
