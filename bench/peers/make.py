"""Make each peer's own environment; say aloud which cannot be made here.

python -m bench.peers.make
"""

from __future__ import annotations

import json
import shutil
import subprocess
import venv
from pathlib import Path
from typing import Any

from eropaf_client.schemas import catalogue

PEERS = Path(__file__).parent
JAVA = PEERS / "kafka_streams"
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


def java_peer() -> None:
    """Lay out the schemas as plain Avro, and let Maven make classes of them and of the peer."""
    if shutil.which("mvn") is None or shutil.which("javac") is None:
        print("kafka_streams: SKIPPED, it needs a Java development kit and Maven")
        return
    schemas = JAVA / "target/schemas"
    schemas.mkdir(parents=True, exist_ok=True)
    for record in JOB_RECORDS:
        text = json.dumps(_named_for_java(catalogue.plain(catalogue.latest(record))))
        (schemas / f"{record}.avsc").write_text(text, "utf-8")
    subprocess.run(["mvn", "--quiet", "--batch-mode", "package"], cwd=JAVA, check=True)


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
    java_peer()


if __name__ == "__main__":
    main()
