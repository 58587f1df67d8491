"""Changes while it runs: a new version of the schemas, old and new workers side by side; a new policy."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from tests.chaos.faults.fault import Fault, Struck
from tests.chaos.system import System
from tests.integration.processes import REPO, Process, ended, until

ROOMS = (
    "agents", "board", "clients", "deploy", "eropaf", "gateway", "risk", "schemas", "simulate", "streams",
)  # fmt: skip
GROWING = ("HouseholdEvent", "HouseholdRisk", "HouseholdRow", "PriorityUpdate")
WITHIN_S = 60.0
GUEST = "worker-5"


class NewSchema(Fault):
    """Workers are replaced by those of a version that writes one more field in every record."""

    kind = "rolling restart with a new schema version"
    strikes = frozenset({Struck.STATE, Struck.REGISTRY, Struck.WORKERS})

    def inject(self, system: System, target: int) -> None:
        install_next_version(system)
        _roll(system)


class NewPolicy(Fault):
    """Another policy is activated while signals come in: an event on every partition, and ticks behind it."""

    kind = "a new policy activated, and kill -9"
    strikes = frozenset({Struck.STATE, Struck.WORKERS})

    def inject(self, system: System, target: int) -> None:
        number = len(list(system.folder.glob("policy-*.toml"))) + 1
        shipped = (REPO / "risk" / "policies" / "amsterdam-example.toml").read_text("utf-8")
        text = re.sub("^version = .*", f'version = "chaos-{number}"', shipped, flags=re.MULTILINE)
        text = text.replace("breadth = 15", f"breadth = {15 + target % 5}")
        file = system.folder / f"policy-{number}.toml"
        file.write_text(text, "utf-8")
        command = ["-m", "eropaf.main", "policy", "activate", str(file)]
        _done(Process(command, system.folder / "upgrade.log", system.code, **system.environment))
        system.worker(target).kill()


def install_next_version(system: System) -> None:
    """Publish and register schemas with one more field each; workers that start from now on write it."""
    number = len(list(system.folder.glob("version-*"))) + 1
    code = system.folder / f"version-{number}"
    for room in ROOMS:
        shutil.copytree(system.code / room, code / room, symlinks=True)
    for record in GROWING:
        _add_field(code / "schemas" / "avsc" / f"{record}.avsc", f"added_{number}")
    for arguments in (["eropaf_client.schemas.publishing"], ["eropaf.main", "schemas", "register"]):
        _done(Process(["-m", *arguments], system.folder / "upgrade.log", code, **system.environment))
    system.code = code


def _roll(system: System) -> None:
    """Let a new worker in beside the old ones, then replace these."""
    system.add_worker(GUEST)
    guest = system.extra[GUEST]
    guest.until(lambda: "partitions open" in guest.said, WITHIN_S, "the new version's first worker reads")
    system.stop_workers()
    system.run_workers()
    until(lambda: bool(system.workers()), WITHIN_S, "the new version's workers run")
    system.remove_worker(GUEST)


def _add_field(file: Path, name: str) -> None:
    schema = json.loads(file.read_text("utf-8"))
    field = {"name": name, "type": ["null", "string"], "default": None, "doc": "Of a later version."}
    schema["fields"].append(field)
    file.write_text(json.dumps(schema), "utf-8")


def _done(process: Process) -> None:
    with ended(process):
        status = process.wait(WITHIN_S)
    assert status == 0, process.said


UPGRADES: tuple[type[Fault], ...] = (NewSchema, NewPolicy)
