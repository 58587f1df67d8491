"""Make each peer's own environment; say aloud which cannot be made here.

python -m bench.peers.make
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import venv
from pathlib import Path
from typing import Any

from eropaf_client.schemas import catalogue

PEERS = Path(__file__).parent
GO_VERSION = re.compile(r"^go (\S+)$", re.MULTILINE)
JOB_RECORDS = ("HouseholdEvent", "HouseholdRow", "HouseholdRisk", "RankingRow", "PriorityUpdate")


def python_peer(folder: Path) -> None:
    """Install a peer from its lock file, unless that is what it was installed from."""
    lock, made = folder / "requirements.lock", folder / ".venv/made-from.lock"
    if made.exists() and made.read_bytes() == lock.read_bytes():
        return
    print(f"making {folder.name}", flush=True)
    venv.create(folder / ".venv", clear=True, with_pip=True)
    pip = [str(folder / ".venv/bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", str(lock)], check=True)
    made.write_bytes(lock.read_bytes())


def java_peer(folder: Path) -> None:
    """Lay out the schemas as plain Avro, and let Maven make classes of them and of the peer."""
    if shutil.which("mvn") is None or shutil.which("javac") is None:
        print(f"{folder.name}: SKIPPED, it needs a Java development kit and Maven")
        return
    schemas = folder / "target/schemas"
    schemas.mkdir(parents=True, exist_ok=True)
    for record in JOB_RECORDS:
        text = json.dumps(_named_for_java(catalogue.plain(catalogue.latest(record))))
        (schemas / f"{record}.avsc").write_text(text, "utf-8")
    subprocess.run(["mvn", "--quiet", "--batch-mode", "package"], cwd=folder, check=True)


def go_peer(folder: Path) -> None:
    """Let Go build the peer."""
    asked = GO_VERSION.search((folder / "go.mod").read_text("utf-8"))
    assert asked is not None, "go.mod names the Go that it needs"
    if _go_here(folder) < _numbers(asked[1]):
        print(f"{folder.name}: SKIPPED, it needs Go {asked[1]}, or a Go from 1.21 on that may fetch it")
        return
    subprocess.run(["go", "build", "-o", "target/", "."], cwd=folder, check=True)


def _go_here(folder: Path) -> tuple[int, ...]:
    """Return the version of the Go that builds in `folder`, none if there is none."""
    if shutil.which("go") is None:
        return ()
    told = subprocess.run(["go", "env", "GOVERSION"], cwd=folder, capture_output=True, text=True)
    return _numbers(told.stdout)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


def _named_for_java(schema: Any) -> Any:
    """Return `schema` with the field `result` under another name; on the wire fields have none.

    Avro 1.12 makes a Java class of it that does not compile.
    """
    if isinstance(schema, list):
        return [_named_for_java(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    renamed = {"name": "end_result"} if schema.get("name") == "result" else {}
    return {key: _named_for_java(part) for key, part in schema.items()} | renamed


def main() -> None:
    """Make all of them."""
    for lock in sorted(PEERS.glob("*/requirements.lock")):
        python_peer(lock.parent)
    for pom in sorted(PEERS.glob("*/pom.xml")):
        java_peer(pom.parent)
    for module in sorted(PEERS.glob("*/go.mod")):
        go_peer(module.parent)


if __name__ == "__main__":
    main()
