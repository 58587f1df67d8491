"""Promises to residents made since a savepoint: erasures and objections survive a restore.

A savepoint imported into its own cluster reads the erasure and the objection again. Another cluster has
nothing newer, so the savepoint is amended before it is imported (ADR 46).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

from eropaf.agents.codecs import household_events
from eropaf.agents.topology import EVENTS_DAYS, ROWS
from eropaf.risk import objections, people
from eropaf.risk.address import normalise
from eropaf.risk.identity import household_key, resident_key
from eropaf.risk.records import DAY_MS, NOWHERE, Address, EpochMs, HouseholdEvent
from eropaf.risk.refusal import Refused
from eropaf.risk.rows import HouseholdRow
from eropaf.streams.errors import SavepointDamaged, SavepointMisfit
from eropaf.streams.operate import savepoint_file
from eropaf.streams.operate.savepoint_file import Manifest, read_entries
from eropaf.streams.runtime.stage import changelog
from eropaf_client.schemas.aside import Asides, SetAside
from eropaf_client.schemas.errors import Undecodable
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import (
    ARREARS,
    AUDIT,
    HOUSEHOLD_EVENTS,
    REJECTED,
    RESIDENTS,
    contacts,
    feedback,
)
from eropaf_client.schemas.wire import Codec

Entry = Mapping[str, Any]


def belongs(registry: Registry) -> Callable[[bytes | None], bool]:
    """Return a predicate: events that must survive a restore: an erasure, an objection, or its withdrawal."""
    decode = household_events(registry).decode

    def must_outlive(value: bytes | None) -> bool:
        try:
            event = decode(value)
        except Undecodable:  # workers would set it aside as well
            return False
        return event.erasure_requested_on is not None or event.objection_stands is not None

    return must_outlive


def still(registry: Registry, now_ms: int) -> Callable[[Sequence[dict[str, Any]]], list[dict[str, Any]]]:
    """Return what says which entries of a ledger a restore may need: it holds no address for longer.

    Of a household from before its own erasure only the newest word of each who objects, which the erasure
    leaves alone: the one that was said last, and the one that came last, since rows keep nothing of a
    withdrawal of what they do not know. And nothing that is older than the events are kept. What cannot be
    read may be a promise.
    """
    decode = household_events(registry).decode

    def needed(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        kept = [entry for entry in entries if entry["timestamp_ms"] >= now_ms - EVENTS_DAYS * DAY_MS]
        promises = list(_readable(kept, decode))
        erased = {entry["key"]: entry["offset"] for entry, event in promises if _erases(event)}
        before = [
            (entry, event)
            for entry, event in promises
            if not _erases(event) and entry["offset"] < erased.get(entry["key"], 0)
        ]
        by_moment = sorted(before, key=lambda said: (said[1].at, said[1].objection_stands))
        words = set()
        for order in (before, by_moment):
            newest = {(entry["key"], event.objector): entry["offset"] for entry, event in order}
            words |= {(key, offset) for (key, _), offset in newest.items()}
        return [
            entry
            for entry in kept
            if entry["offset"] >= erased.get(entry["key"], 0) or (entry["key"], entry["offset"]) in words
        ]

    return needed


def _erases(event: HouseholdEvent) -> bool:
    return event.erasure_requested_on is not None


def _readable(
    entries: Iterable[Entry], decode: Callable[[bytes | None], HouseholdEvent]
) -> Iterator[tuple[Entry, HouseholdEvent]]:
    for entry in entries:
        with suppress(Undecodable):
            yield entry, decode(entry["value"])


@dataclass(frozen=True, slots=True)
class Amended:
    """The number of newer promises applied, and of those that could not be read."""

    erased: int
    objections: int
    known_until: str
    """When the ledger was kept last: what was promised later, nobody knows here."""
    left_out: Asides
    """Records that may be about who was erased, since nobody can read whose they are. They are left out."""


def amend(savepoint: Path, ledger: Path, amended: Path, registry: Registry, secret: bytes) -> Amended:
    """Write `savepoint` to `amended` without the households erased since, and with newer objections.

    Raises:
        SavepointMisfit: the ledger is of another cluster than the savepoint, of before it or of long after
            it, or not to be read.
        SavepointDamaged, SavepointUnwritten: see `savepoint_file`.

    """
    manifest, kept = savepoint_file.check(savepoint), savepoint_file.check(ledger)
    _check_fits(manifest, ledger, kept)
    if _taken_at(savepoint, manifest) < _taken_at(ledger, kept) - timedelta(EVENTS_DAYS):
        raise SavepointMisfit(
            f"the ledger {ledger} goes back {EVENTS_DAYS} days from {kept.taken_at}, and the savepoint is of "
            f"{manifest.taken_at}: who was erased or objected in between is not known. Take a later savepoint"
        )
    read_until = manifest.offsets[HOUSEHOLD_EVENTS]
    since = [entry for entry in read_entries(ledger) if entry["offset"] >= read_until[entry["partition"]]]
    events = _events(since, ledger, registry)
    erased = {event.household: (entry, event) for entry, event in events if _erases(event)}
    gone = _Gone(manifest.group, erased, registry, secret)
    gone.hear(events)
    gone.look_at(read_entries(savepoint))
    held = {
        (entry["partition"], entry["offset"])
        for entry in read_entries(savepoint)
        if entry["topic"] == HOUSEHOLD_EVENTS
    }
    objecting = [
        gone.addressed(entry, event)
        for entry, event in events
        if event.objection_stands is not None and (entry["partition"], entry["offset"]) not in held
    ]
    entries = chain(read_entries(savepoint), objecting)
    savepoint_file.write(amended, manifest, (dict(left) for left in map(gone.left_of, entries) if left))
    return Amended(len(erased), len(objecting), kept.taken_at, gone.unreadable)


def without_erased(
    savepoint: Path, ledger: Path, entries: Sequence[Entry], registry: Registry, secret: bytes
) -> tuple[list[Entry], Asides]:
    """Return those of `entries` that are not about who was erased after them, and which cannot be read.

    `entries` came after the savepoint, or shortly before its end: who was erased before counts as well.

    Raises:
        SavepointMisfit, SavepointDamaged: see `amend`.

    """
    events = _events(read_entries(ledger), ledger, registry)
    erased = {event.household: (entry, event) for entry, event in events if _erases(event)}
    gone = _Gone(savepoint_file.check(savepoint).group, erased, registry, secret)
    gone.hear(events)
    gone.look_at(chain(read_entries(savepoint), entries))
    return [entry for entry in entries if gone.left_of(entry)], gone.unreadable


def _check_fits(manifest: Manifest, ledger: Path, kept: Manifest) -> None:
    """Raise SavepointMisfit where a ledger does not hold all that was promised from the savepoint on."""
    if kept.cluster != manifest.cluster:
        raise SavepointMisfit(
            f"the ledger {ledger} belongs to another cluster than the savepoint: use the one kept with the "
            "savepoint"
        )
    of_events = {HOUSEHOLD_EVENTS: manifest.partitions.get(HOUSEHOLD_EVENTS)}
    if kept.partitions != of_events or HOUSEHOLD_EVENTS not in manifest.offsets:
        raise SavepointMisfit(
            f"the ledger {ledger} covers other partitions than the savepoint, or is not a ledger"
        )
    pairs = zip(manifest.offsets[HOUSEHOLD_EVENTS], kept.offsets[HOUSEHOLD_EVENTS], strict=True)
    if any(known_until < read_until for read_until, known_until in pairs):
        raise SavepointMisfit(
            f"the ledger {ledger} was kept last at {kept.taken_at}, before the savepoint of "
            f"{manifest.taken_at}: who was erased or objected since is not in it. Take its newest copy; "
            "where that is older too, an earlier savepoint"
        )


def _taken_at(file: Path, manifest: Manifest) -> datetime:
    try:
        return datetime.fromisoformat(manifest.taken_at).astimezone(UTC)
    except (ValueError, OverflowError):
        raise SavepointDamaged(f"{file} does not say when it was taken") from None


def _events(entries: Iterable[Entry], ledger: Path, registry: Registry) -> list[tuple[Entry, HouseholdEvent]]:
    """Return each entry of a ledger with its event. No promise is skipped.

    Raises:
        SavepointMisfit: one cannot be read.

    """
    decode = household_events(registry).decode
    events = []
    for entry in entries:
        try:
            events.append((entry, decode(entry["value"])))
        except Undecodable as error:
            raise SavepointMisfit(
                f"{_aside(entry, error)} in the ledger {ledger} cannot be read, and may be an erasure or "
                "objection. Is EROPAF_REGISTRY_URL the registry it was written with?"
            ) from None
    return events


def _aside(entry: Entry, error: Undecodable | Refused) -> SetAside:
    return SetAside(entry["topic"], entry["partition"], entry["offset"], error.reason)


@dataclass(slots=True)
class _Gone:
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
            elif self._key(entry) not in self.erased:
                continue
            elif entry["topic"] == HOUSEHOLD_EVENTS:
                self.hear(_readable([entry], self._events.decode))
            elif entry["topic"] == rows:
                try:
                    row = self._row(entry)
                except Undecodable as error:  # it is dropped, but nothing says which contracts were theirs
                    self.unreadable.add(_aside(entry, error))
                    continue
                self._addresses[self._key(entry)] = row.address
                for position in row.positions:
                    contract, household = position.contract.encode(), self._key(entry)
                    self._contracts[feedback(position.creditor), contract] = household
                    self._contracts[contacts(position.creditor), contract] = household
                for objector, at in objections.objecting_since(row).items():
                    self._said(self._key(entry), objector, (-1, at, True))

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
            return bool(entry["offset"] <= erasure["offset"]) and not self._objects(entry)
        if entry["topic"] in (RESIDENTS, changelog(self.group, "resident")):
            since: EpochMs | None = None
            for _, at, stands in sorted(self._objecting.get((household, entry["key"] or b""), ())):
                since = objections.newest(since, at, stands)
            if since is not None:
                return False
        # What a creditor or a tool wrote later is new.
        return bool(entry["timestamp_ms"] <= erasure["timestamp_ms"])

    def _objects(self, entry: Entry) -> bool:
        told = _readable([entry], self._events.decode)
        return any(event.objection_stands is not None for _, event in told)

    def _row(self, entry: Entry) -> HouseholdRow:
        record = self._codec(ROWS["household"], entry["topic"]).decode(entry["value"])
        return HouseholdRow.from_record(record)

    def _goes_unread(self, entry: Entry, error: Undecodable | Refused) -> bool:
        """Return whether to drop an unreadable record: it may be about somebody erased later."""
        goes = any(entry["timestamp_ms"] <= erasure["timestamp_ms"] for erasure, _ in self.erased.values())
        if goes:
            self.unreadable.add(_aside(entry, error))
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
            return self._residents.get(resident_key(resident["bsn"], self.secret).encode())
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
