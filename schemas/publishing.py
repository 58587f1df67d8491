"""Publishes versions of the schemas that people edit.

`python -m eropaf_client.schemas.publishing` (`make schemas`) adds a version for each record whose
source changed.
"""

from __future__ import annotations

import json
import sys
from importlib import resources
from pathlib import Path
from typing import Any

from eropaf_client.schemas import catalogue

NAMESPACE = "nl.eropaf"


def source(record: str) -> str:
    """Return the edited schema of `record`, self-contained: each named type inlined at its first use."""
    return json.dumps(_in_one_piece(_load(record), set()), indent=1, ensure_ascii=False)


def changed(record: str) -> bool:
    """Return whether the edited schema differs from the newest published version."""
    published = _newest(record)
    return published is None or json.loads(published) != json.loads(source(record))


def publish(folder: Path) -> dict[str, int]:
    """Write a new version of every changed record into `folder`; return record → version written."""
    written = {}
    for record in catalogue.RECORDS:
        if not changed(record):
            continue
        own = folder / record
        own.mkdir(parents=True, exist_ok=True)
        version = 1 + max((int(path.stem) for path in own.glob("*.avsc")), default=0)
        (own / f"{version}.avsc").write_text(source(record) + "\n", encoding="utf-8")
        written[record] = version
    return written


def _load(name: str) -> Any:
    return json.loads((resources.files("eropaf_client.schemas") / "avsc" / f"{name}.avsc").read_text("utf-8"))


def _newest(record: str) -> str | None:
    try:
        return catalogue.latest(record).text
    except (FileNotFoundError, IndexError):
        return None


def _in_one_piece(schema: Any, seen: set[str]) -> Any:
    if isinstance(schema, str) and schema.startswith(NAMESPACE + "."):
        if schema in seen:
            return schema
        return _in_one_piece(_load(schema.rsplit(".", 1)[1]), seen)
    if isinstance(schema, list):
        return [_in_one_piece(branch, seen) for branch in schema]
    if not isinstance(schema, dict):
        return schema
    if schema["type"] in ("record", "enum"):
        seen.add(f"{NAMESPACE}.{schema['name']}")
    if schema["type"] == "record":
        fields = [{**field, "type": _in_one_piece(field["type"], seen)} for field in schema["fields"]]
        return {**schema, "fields": fields}
    if schema["type"] == "array":
        return {**schema, "items": _in_one_piece(schema["items"], seen)}
    return schema


if __name__ == "__main__":
    for name, number in publish(Path(__file__).parent / "published").items():
        sys.stdout.write(f"{name}: version {number} written\n")
