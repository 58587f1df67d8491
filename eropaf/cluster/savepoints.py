"""Savepoints of the configured flow. An import adds what came since, so that nobody erased comes back."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from eropaf.agents import ledger, undo
from eropaf.agents.mirrored import bring_on
from eropaf.agents.topology import savepoint_scope, stages
from eropaf.cluster.appending import now_ms
from eropaf.settings import Settings
from eropaf.streams.operate import ledger as ledger_file
from eropaf.streams.operate.mirror import Mirror
from eropaf.streams.operate.savepoint import Cluster
from eropaf.streams.operate.savepoint_file import Manifest
from eropaf_client.files.understood import counted
from eropaf_client.schemas.aside import Asides
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, PRIORITIES

Tell = Callable[[str], None]


def opened(settings: Settings) -> Cluster:
    """Return the cluster, of which savepoints are taken and into which they are imported."""
    flow = stages(settings.group, settings.creditors, settings.registry())
    return Cluster(settings.bootstrap, settings.kafka_client, savepoint_scope(settings.group, flow))


def bring_up_to_date(settings: Settings, file: Path) -> int:
    """Add to the ledger `file` the erasures and objections since; return how many."""
    must_outlive = ledger.belongs(settings.registry())
    still = ledger.still(settings.registry(), now_ms())
    client = settings.kafka_client
    return ledger_file.keep(
        settings.bootstrap, client, settings.group, HOUSEHOLD_EVENTS, file, must_outlive, still
    )


def undo_to(settings: Settings, cluster: Cluster, file: Path, tell: Tell) -> Manifest:
    """Import a savepoint into its own cluster; `tell` hears who must be erased again."""
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:  # 0700
        amended = Path(folder) / file.name
        anew = undo.amend(file, amended, cluster.records(PRIORITIES), settings.registry())
        tell(f"{counted(anew, 'household')} told of since: told of once more, as they stood then")
        # An erasure is read again, but signals by BSN from before it are sent on again, behind it.
        erased = undo.erased_since(file, cluster.records(HOUSEHOLD_EVENTS), settings.registry())
        manifest = cluster.import_from(amended, tell)
    if erased:
        tell(
            f"{counted(len(erased), 'household')} erased since. Once workers have caught up, and again once "
            f"the register was loaded, erase what came back: {', '.join(erased)}"
        )
    return manifest


def move_here(
    settings: Settings,
    cluster: Cluster,
    file: Path,
    *,
    kept: Path,
    mirrored: str | None,
    tell: Tell,
    warn: Tell,
) -> Manifest:
    """Import another cluster's savepoint with the ledger `kept` and, if `mirrored`, what its mirror knows."""
    with tempfile.TemporaryDirectory(dir=file.parent) as name:  # 0700
        folder = Path(name)
        told: list[Mapping[str, Any]] = []
        if mirrored is not None:
            brought = bring_on(
                file,
                kept,
                Mirror(settings.bootstrap, settings.kafka_client, mirrored),
                folder,
                creditors=settings.creditors,
                registry=settings.registry(),
                secret=settings.secret(),
            )
            tell(f"{counted(brought.said, 'record')} since the savepoint, from the mirror of {mirrored}")
            _tell_left_out(brought.left_out, warn)
            file, kept, told = brought.savepoint, brought.ledger, brought.told
        amended = folder / "amended"
        done = ledger.amend(file, kept, amended, settings.registry(), settings.secret())
        tell(
            f"erased since the savepoint: {done.erased}; objections that came or went: {done.objections}. "
            f"The ledger knows what was promised until {done.known_until}: seek what came later in the "
            "clerks' own files"
        )
        _tell_left_out(done.left_out, warn)
        if told:
            anew = undo.amend(amended, folder / "told", told, settings.registry())
            tell(f"{counted(anew, 'household')} told of since: told of once more, as they stood then")
            amended = folder / "told"
        return cluster.import_from(amended, tell)


def _tell_left_out(left_out: Asides, warn: Tell) -> None:
    if left_out:
        counts = counted(left_out.total, "record")
        warn(f"{counts} left out that nobody can read: who was erased may stand there")
        for aside in left_out.first:
            warn(f"  {aside}")
