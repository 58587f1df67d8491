"""What a lost cluster's mirror knows since its last savepoint, brought into savepoint and ledger.

Rows, what follows from them and offsets are of one moment in a savepoint alone: a mirror copies each topic as
fast as it can, and its offsets are others. So of a mirror only what people and other systems said counts;
workers make the rest of it once more (ADR 73).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from eropaf.agents import ledger
from eropaf.agents.topology import said_outside
from eropaf.streams.operate import savepoint_file
from eropaf.streams.operate.mirror import Mirror
from eropaf.streams.operate.savepoint_file import Manifest, read_entries
from eropaf.streams.topic_partition import TP
from eropaf_client.schemas.aside import Asides
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, PRIORITIES

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BroughtOn:
    """A savepoint and a ledger that know what the mirror knows, and what outreach was told meanwhile."""

    savepoint: Path
    ledger: Path
    told: list[Entry]
    """Updates that were told since: only that sequences go on."""
    said: int
    """The number of records said since by people and other systems."""
    left_out: Asides
    """Records that may be about somebody erased, since nobody can read whose they are."""


def bring_on(
    savepoint: Path,
    kept: Path,
    mirror: Mirror,
    folder: Path,
    *,
    creditors: Sequence[str],
    registry: Registry,
    secret: bytes,
) -> BroughtOn:
    """Write to `folder` the savepoint and its ledger `kept`, both with what `mirror` knows since.

    Who was erased since, or before in the ledger, is not brought back by what was said of them earlier.

    Raises:
        SavepointMisfit: the mirror is of another cluster, or its notes cannot be understood.
        SavepointDamaged, SavepointUnwritten: see `savepoint_file`.

    """
    manifest = savepoint_file.check(savepoint)
    newer_ledger = folder / "ledger"
    _bring_ledger_on(kept, mirror, newer_ledger, registry)
    topics = [*said_outside(creditors), PRIORITIES]
    ends = _ends(savepoint, manifest, [topic for topic in topics if topic in manifest.partitions])
    new = _not_held(savepoint, list(mirror.since(ends)))
    new, left_out = ledger.without_erased(savepoint, newer_ledger, new, registry, secret)
    said = [dict(entry) for entry in new if entry["topic"] != PRIORITIES]
    newer = folder / "savepoint"
    savepoint_file.write(newer, manifest, chain(read_entries(savepoint), said))
    told = [entry for entry in new if entry["topic"] == PRIORITIES]
    return BroughtOn(newer, newer_ledger, told, len(said), left_out)


def _bring_ledger_on(kept: Path, mirror: Mirror, newer: Path, registry: Registry) -> None:
    manifest = savepoint_file.check(kept)
    ends = _offsets(manifest, HOUSEHOLD_EVENTS)
    held, belongs = list(read_entries(kept)), ledger.belongs(registry)
    known, until = {_content(entry) for entry in held}, dict(ends)
    newest_ms = 0
    for entry in mirror.since(ends):
        until[TP(entry["topic"], entry["partition"])] = entry["offset"] + 1
        newest_ms = max(newest_ms, entry["timestamp_ms"])
        if belongs(entry["value"]) and _content(entry) not in known:
            held.append(entry)
    known_until = max(manifest.taken_at, datetime.fromtimestamp(newest_ms // 1000, UTC).isoformat())
    offsets = {HOUSEHOLD_EVENTS: [until[tp] for tp in ends]}
    savepoint_file.write(newer, replace(manifest, taken_at=known_until, offsets=offsets), held)


def _offsets(manifest: Manifest, topic: str) -> dict[TP, int]:
    count = manifest.partitions.get(topic, 0)
    offsets = manifest.offsets.get(topic, [0] * count)
    return {TP(topic, partition): offsets[partition] for partition in range(count)}


def _ends(savepoint: Path, manifest: Manifest, topics: Iterable[str]) -> dict[TP, int]:
    """Return up to where the savepoint holds, or its workers had read, each partition of `topics`."""
    ends = {tp: offset for topic in topics for tp, offset in _offsets(manifest, topic).items()}
    for entry in read_entries(savepoint):
        tp = TP(entry["topic"], entry["partition"])
        if tp in ends:
            ends[tp] = max(ends[tp], entry["offset"] + 1)
    return ends


def _not_held(savepoint: Path, entries: list[dict[str, Any]]) -> list[Entry]:
    """Return those of `entries` that the savepoint does not hold: the mirror may give some again."""
    oldest: dict[str, int] = {}
    for entry in entries:
        stamp = entry["timestamp_ms"]
        oldest[entry["topic"]] = min(oldest.get(entry["topic"], stamp), stamp)
    held = {
        (entry["topic"], entry["partition"], *_content(entry))
        for entry in read_entries(savepoint)
        if entry["topic"] in oldest and entry["timestamp_ms"] >= oldest[entry["topic"]]
    }
    return [entry for entry in entries if (entry["topic"], entry["partition"], *_content(entry)) not in held]


def _content(entry: Entry) -> tuple[bytes | None, bytes | None, int]:
    return entry["key"], entry["value"], entry["timestamp_ms"]
