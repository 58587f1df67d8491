"""A ledger: records of one topic that must outlive every savepoint, in a file outside the cluster.

A savepoint imported into another cluster shows the past. Promises made since must survive that, so they are
kept in a separate file that is updated far more often. It has the format of a savepoint (`savepoint_file`):
sealed, written atomically, readable by its owner alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eropaf.streams.errors import SavepointMisfit
from eropaf.streams.operate import reading, savepoint_file
from eropaf.streams.operate.answers import ANSWER_WITHIN_S, answer
from eropaf.streams.operate.savepoint_file import SAVEPOINT_VERSION, Manifest, entry_of, read_entries
from eropaf.streams.operate.topics import admin
from eropaf.streams.topic_partition import TP


def keep(
    bootstrap: str,
    client: Mapping[str, str],
    group: str,
    topic: str,
    file: Path,
    belongs: Callable[[bytes | None], bool],
    still: Callable[[Sequence[dict[str, Any]]], Iterable[dict[str, Any]]],
) -> int:
    """Append to `file` each newer record of `topic` whose value `belongs`; return their number.

    Blocking. Once the file exists, reads only what is newer. Of all entries, in order, it keeps those that
    `still` returns.

    Raises:
        SavepointMisfit: the file belongs to another cluster or topic, or records were deleted before they
            were read.
        SavepointDamaged, SavepointUnwritten: see `savepoint_file`.

    """
    kafka = admin(bootstrap, client)
    cluster = str(answer(kafka.describe_cluster(), ANSWER_WITHIN_S).cluster_id)
    tps = reading.partitions(kafka, topic)
    first = reading.beginnings(kafka, tps)
    starts, held = first, []
    if file.exists():
        starts = _read_until(savepoint_file.check(file), cluster, topic, tps, first)
        held = list(read_entries(file))
    ends = reading.ends(kafka, tps)
    records = reading.read(bootstrap, client, starts, ends)
    came = [entry_of(record) for record in records if belongs(record.value())]
    now = datetime.now(UTC).isoformat(timespec="seconds")
    offsets = {topic: [ends[tp] for tp in tps]}
    manifest = Manifest(
        version=SAVEPOINT_VERSION,
        cluster=cluster,
        group=group,
        taken_at=now,
        partitions={topic: len(tps)},
        offsets=offsets,
    )
    savepoint_file.write(file, manifest, still([*held, *came]), overwrite=True)
    return len(came)


def _read_until(
    manifest: Manifest, cluster: str, topic: str, tps: list[TP], first: Mapping[TP, int]
) -> dict[TP, int]:
    """Return the offsets at which the ledger of `manifest` continues."""
    if manifest.cluster != cluster or manifest.partitions != {topic: len(tps)}:
        raise SavepointMisfit(
            "the ledger belongs to another cluster or topic. Keep it, and start a new file for this one"
        )
    starts = {tp: manifest.offsets[topic][tp.partition] for tp in tps}
    gone = sorted(f"{tp.topic}-{tp.partition}" for tp, start in starts.items() if start < first[tp])
    if gone:
        raise SavepointMisfit(
            f"records were deleted before the ledger was written ({', '.join(gone)}). Keep the file, start a "
            "new one, and look for what is missing in the clerks' own files"
        )
    return starts
