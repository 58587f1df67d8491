"""What outreach was told since a savepoint that is imported to undo: told again, as it stood then.

A tool recognises a repeat by household and sequence. If the sequences went back with the rows, the right
updates would be taken for repeats of the wrong ones. So the savepoint is amended before it is imported into
its own cluster: each household that was told of since is told of once more, under the next sequence, and its
row counts on from there.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from eropaf.agents.codecs import household_events
from eropaf.agents.topology import ROWS
from eropaf.risk.ranking import NONE, UNTOLD, update_id
from eropaf.risk.rows import RankingRow
from eropaf.risk.told import PriorityUpdate
from eropaf.streams.operate import savepoint_file
from eropaf.streams.operate.savepoint_file import STOOD_NOWHERE, Manifest, read_entries
from eropaf.streams.runtime.stage import changelog
from eropaf_client.schemas.errors import Undecodable
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, PRIORITIES
from eropaf_client.schemas.wire import Codec

Entry = Mapping[str, Any]
# How outreach hears that a household is on no list: it was on none then.
WITHDRAWN = "WITHDRAWN"


def amend(savepoint: Path, amended: Path, told: Iterable[Entry], registry: Registry) -> int:
    """Write `savepoint` to `amended` with an update for each household that was told of since.

    `told` is all that outreach was told on this cluster, or since then on the lost one. Return how many
    households are told of again.

    Raises:
        SavepointDamaged, SavepointUnwritten: see `savepoint_file`.
        Undecodable: an update since, or a row, cannot be read.

    """
    manifest = savepoint_file.check(savepoint)
    since = _Since(manifest, registry)
    since.look_at(savepoint, told)
    savepoint_file.write(amended, manifest, since.amended(savepoint))
    return len(since.newest)


def erased_since(savepoint: Path, events: Iterable[Entry], registry: Registry) -> list[str]:
    """Return the keys of the households that were erased since; `events` are all household events.

    What was said before such an erasure is read again, and sent on behind it.

    Raises:
        SavepointDamaged: see `savepoint_file`.

    """
    read_until = savepoint_file.check(savepoint).offsets[HOUSEHOLD_EVENTS]
    decode = household_events(registry).decode
    erased = set()
    for entry in events:
        if entry["offset"] < read_until[entry["partition"]]:
            continue
        with suppress(Undecodable):  # workers set it aside as well
            event = decode(entry["value"])
            if event.erasure_requested_on is not None:
                erased.add(event.household)
    return sorted(erased)


@dataclass(slots=True)
class _Since:
    """The newest update of each household that was told of since the savepoint."""

    manifest: Manifest
    registry: Registry
    newest: dict[bytes, Entry] = field(default_factory=dict)
    _held: dict[bytes, PriorityUpdate] = field(default_factory=dict)
    _erased: set[bytes] = field(default_factory=set)
    """Who was erased since: of what was told before, nothing is told again."""
    _updates: Codec[PriorityUpdate] = field(init=False)
    _rows: Codec[RankingRow] = field(init=False)
    _table: str = field(init=False)

    def __post_init__(self) -> None:
        self._table = changelog(self.manifest.group, "ranking")
        self._updates = Codec(
            "PriorityUpdate", PRIORITIES, self.registry, PriorityUpdate, PriorityUpdate.from_record
        )
        self._rows = Codec(ROWS["ranking"], self._table, self.registry, RankingRow, RankingRow.from_record)

    def look_at(self, savepoint: Path, told: Iterable[Entry]) -> None:
        """Learn who was told of since, and what they were told last at the savepoint."""
        last: dict[bytes, int] = {}
        for entry in self._told(savepoint):
            last[entry["key"]] = entry["offset"]
        for entry in told:
            key = entry["key"] or b""
            if entry["value"] is None:
                if entry["offset"] > last.get(key, -1):
                    self._erased.add(key)
                self.newest.pop(key, None)  # erased: what is told next counts from one, and is heard
            elif entry["offset"] > last.get(key, -1):
                self.newest[key] = entry
        for entry in self._told(savepoint):
            if entry["key"] in self.newest and entry["value"] is not None:
                self._held[entry["key"]] = self._updates.decode(entry["value"])
            else:
                self._held.pop(entry["key"], None)

    def amended(self, savepoint: Path) -> Iterator[dict[str, Any]]:
        """Yield the savepoint's entries with the rows that count on, then the updates."""
        updates = {key: self._anew(key, entry) for key, entry in self.newest.items()}
        without_row = dict(updates)
        for entry in read_entries(savepoint):
            key = entry["key"]
            if entry["topic"] == self._table and key in updates and entry["value"] is not None:
                without_row.pop(key, None)
                stood = UNTOLD if key in self._erased else self._rows.decode(entry["value"])
                row = replace(stood, sequence=updates[key].sequence)
                yield {**entry, "value": self._rows.encode(row)}
            else:
                yield dict(entry)
        for key, update in without_row.items():
            row = replace(UNTOLD, sequence=update.sequence)
            yield self._entry(self._table, key, self._rows.encode(row))
        for key, update in updates.items():
            yield self._entry(PRIORITIES, key, self._updates.encode(update))

    def _told(self, savepoint: Path) -> Iterator[Entry]:
        return (entry for entry in read_entries(savepoint) if entry["topic"] == PRIORITIES)

    def _anew(self, key: bytes, entry: Entry) -> PriorityUpdate:
        """Return what a household was told last at the savepoint, after what it was told since."""
        last, held = self._updates.decode(entry["value"]), self._held.get(key)
        sequence = max(last.sequence, held.sequence if held else 0) + 1
        if held is None or key in self._erased:
            held = replace(
                last,
                band=NONE,
                respond_by=None,
                change=WITHDRAWN,
                overruled=False,
                action=None,
                respond_by_norm=None,
            )
        return replace(held, sequence=sequence, update_id=update_id(held.household, sequence, held.event_at))

    def _entry(self, topic: str, key: bytes, value: bytes) -> dict[str, Any]:
        # Behind each topic's partition there is the household's own: all of one partition number.
        return {
            "topic": topic,
            "partition": self.newest[key]["partition"],
            "offset": STOOD_NOWHERE,
            "timestamp_ms": int(time.time() * 1000),
            "key": key,
            "value": value,
            "headers": [],
        }
