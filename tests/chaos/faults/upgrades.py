"""Rolling restarts: a new version of the schemas, a new policy; old and new workers side by side."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from risk.policy import Policy
from tests.chaos.faults.fault import Fault
from tests.chaos.system import System
from tests.integration.processes import REPO, Process, ended, until

PACKAGES = ("agents", "clients", "deploy", "eropaf", "risk", "schemas", "simulate", "streams")
GROWING = ("HouseholdEvent", "HouseholdRisk", "HouseholdRow", "PriorityUpdate")
WITHIN_S = 60.0
GUEST = "worker-5"


class NewSchema(Fault):
    """Workers are replaced by those of a version that writes one more field in every record."""

    kind = "rolling restart with a new schema version"

    def inject(self, system: System, target: int) -> None:
        number = len(list(system.folder.glob("version-*"))) + 1
        code = system.folder / f"version-{number}"
        for package in PACKAGES:
            shutil.copytree(system.code / package, code / package)
        for record in GROWING:
            _add_field(code / "schemas" / "avsc" / f"{record}.avsc", f"added_{number}")
        for arguments in (["schemas.publishing"], ["eropaf.main", "schemas", "register"]):
            _done(Process(["-m", *arguments], system.folder / "upgrade.log", code, **system.environment))
        _roll(system, code)


class NewPolicy(Fault):
    """Workers are replaced by those of another policy: other weights."""

    kind = "rolling restart with a new policy"

    def inject(self, system: System, target: int) -> None:
        number = len(list(system.folder.glob("policy-*.toml"))) + 1
        text = (REPO / "risk" / "policies" / "amsterdam-example.toml").read_text("utf-8")
        text = text.replace("amsterdam-example-1", f"chaos-{number}")
        text = text.replace("breadth = 15", f"breadth = {15 + target % 5}")
        file = system.folder / f"policy-{number}.toml"
        file.write_text(text, "utf-8")
        system.under(Policy.parse(text))
        _roll(system, system.code, EROPAF_POLICY=str(file))


def _roll(system: System, code: Path, **environment: str) -> None:
    """Let a new worker in beside the old ones, then replace these."""
    system.code = code
    system.environment |= environment
    system.add_worker(GUEST)
    guest = system.extra[GUEST]
    until(lambda: "partitions open" in guest.said, WITHIN_S, "the new version's first worker reads")
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
