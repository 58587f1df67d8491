"""Promises to residents made since a savepoint: erasures and objections survive a restore.

A savepoint imported into its own cluster reads the erasure and the objection again. Another cluster has
nothing newer, so the savepoint is amended before it is imported (ADR 46): what is about somebody erased goes,
and both are read there as events that came since, by which an erasure is remembered there too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

from eropaf.agents.codecs import household_events
from eropaf.agents.erased_since import Entry, Gone, aside, readable
from eropaf.agents.topology import EVENTS_DAYS
from eropaf.risk import objections
from eropaf.risk.records import DAY_MS, HouseholdEvent
from eropaf.streams.errors import SavepointDamaged, SavepointMisfit
from eropaf.streams.operate import savepoint_file
from eropaf.streams.operate.savepoint_file import Manifest, read_entries
from eropaf_client.schemas.aside import Asides
from eropaf_client.schemas.errors import Undecodable
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import (
    HOUSEHOLD_EVENTS,
)


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

    Of a household from before its own erasure only the words on objections, which the erasure leaves alone,
    and of these no more than it takes to leave a row as all of them do. And nothing that is older than the
    events are kept. What cannot be read may be a promise.
    """
    decode = household_events(registry).decode

    def needed(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        kept = [entry for entry in entries if entry["timestamp_ms"] >= now_ms - EVENTS_DAYS * DAY_MS]
        promises = list(readable(kept, decode))
        erased = {entry["key"]: entry["offset"] for entry, event in promises if _erases(event)}
        before = [
            (entry, event)
            for entry, event in promises
            if not _erases(event) and entry["offset"] < erased.get(entry["key"], 0)
        ]
        words = set()
        for (key, _), said in _by_objection(before).items():
            needed = objections.words_needed([word for _, word in said])
            words |= {(key, said[place][0]) for place in needed}
        return [
            entry
            for entry in kept
            if entry["offset"] >= erased.get(entry["key"], 0) or (entry["key"], entry["offset"]) in words
        ]

    return needed


def _by_objection(
    promises: Iterable[tuple[Entry, HouseholdEvent]],
) -> dict[tuple[bytes, str | None], list[tuple[int, objections.Said]]]:
    """Return the words on each objection, by household and whose it is, each with its offset, in order."""
    said: dict[tuple[bytes, str | None], list[tuple[int, objections.Said]]] = {}
    for entry, event in promises:
        word = (event.at, bool(event.objection_stands))
        said.setdefault((entry["key"], event.objector), []).append((entry["offset"], word))
    return said


def _erases(event: HouseholdEvent) -> bool:
    return event.erasure_requested_on is not None


@dataclass(frozen=True, slots=True)
class Amended:
    """The number of newer promises applied, and of those that could not be read."""

    erased: int
    objections: int
    known_until: str
    """When the ledger was kept last: what was promised later, nobody knows here."""
    left_out: Asides
    """Records that may be about somebody erased, as nobody can read whose they are. They are left out."""


def amend(savepoint: Path, ledger: Path, amended: Path, registry: Registry, secret: bytes) -> Amended:
    """Write `savepoint` to `amended` without the households erased since, and with newer objections.

    Raises:
        SavepointMisfit: the ledger is another cluster's than the savepoint, or older, or much newer
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
    gone = Gone(manifest.group, erased, registry, secret)
    gone.hear(events)
    gone.look_at(read_entries(savepoint))
    held = {
        (entry["partition"], entry["offset"])
        for entry in read_entries(savepoint)
        if entry["topic"] == HOUSEHOLD_EVENTS
    }
    unread = [
        (gone.addressed(entry, event), event)
        for entry, event in events
        if (entry["partition"], entry["offset"]) not in held
    ]
    entries = chain(read_entries(savepoint), (entry for entry, _ in unread))
    savepoint_file.write(amended, manifest, (dict(left) for left in map(gone.left_of, entries) if left))
    said = sum(event.objection_stands is not None for _, event in unread)
    return Amended(len(erased), said, kept.taken_at, gone.unreadable)


def without_erased(
    savepoint: Path, ledger: Path, entries: Sequence[Entry], registry: Registry, secret: bytes
) -> tuple[list[Entry], Asides]:
    """Return the `entries` about nobody who was erased after them, and which of all cannot be read.

    `entries` came after the savepoint, or shortly before its end: who was erased before counts as well.

    Raises:
        SavepointMisfit, SavepointDamaged: see `amend`.

    """
    events = _events(read_entries(ledger), ledger, registry)
    erased = {event.household: (entry, event) for entry, event in events if _erases(event)}
    gone = Gone(savepoint_file.check(savepoint).group, erased, registry, secret)
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
                f"{aside(entry, error)} in the ledger {ledger} cannot be read, and may be an erasure or "
                "objection. Is EROPAF_REGISTRY_URL the registry it was written with?"
            ) from None
    return events
