"""`python -m tests.matrix`: the flow on every Kafka from 3.9 on, under both group protocols.

What was tried is kept in results.json, and written into docs/reference/brokers.md, each cell with its day.
Exits 1 where a cell that can pass did not.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

from tests.integration.processes import REPO
from tests.matrix.brokers import VERSIONS, broker
from tests.matrix.cells import CELLS, HOLDS, UPGRADE, Cell, impossible
from tests.matrix.previous import V0_1_0, Previous, previous

PROTOCOLS = ("consumer", "classic")
RESULTS = Path(__file__).with_name("results.json")
PAGE = REPO / "docs" / "reference" / "brokers.md"
BEGINS, ENDS = "<!-- matrix -->\n", "<!-- /matrix -->\n"
NOT_RUN = "not run"

Results = dict[str, dict[str, Any]]
"""By version, protocol and cell: what came of it, on which day, and how long it took."""


def main() -> int:
    """Try what was asked for; keep and write what came of it."""
    asked = _arguments()
    results = read()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="eropaf-previous-") as folder:
        earlier: Previous | None = None
        for version, protocol, cell in _possible(asked):
            if cell.name == UPGRADE and earlier is None:
                earlier = previous(V0_1_0, Path(folder) / V0_1_0)
            found = _try(cell, version, protocol, earlier)
            results[key(version, protocol, cell.name)] = found
            failed += found["result"] != HOLDS
            RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", "utf-8")
    write(PAGE, results)
    return 1 if failed else 0


def _possible(asked: argparse.Namespace) -> Iterator[tuple[str, str, Cell]]:
    """Yield what was asked for and can be tried."""
    if not asked.write_only:
        for version, protocol, cell in product(asked.versions, asked.protocols, CELLS):
            if cell.name in asked.cells and not impossible(cell.name, version, protocol):
                yield version, protocol, cell


def _try(cell: Cell, version: str, protocol: str, earlier: Previous | None) -> dict[str, Any]:
    began = time.monotonic()
    try:
        result = cell.tried(broker(version), protocol, earlier)
    except (AssertionError, TimeoutError, OSError) as error:
        result = f"{type(error).__name__}: {str(error)[-400:]}"
    took_s = round(time.monotonic() - began)
    sys.stdout.write(f"Kafka {version}, {protocol}, {cell.name}: {result} ({took_s} s)\n")
    sys.stdout.flush()
    return {"result": result, "on": f"{datetime.now(UTC):%Y-%m-%d}", "took_s": took_s}


def key(version: str, protocol: str, cell: str) -> str:
    """Return under what the result of a cell is kept."""
    return f"{version} / {protocol} / {cell}"


def read() -> Results:
    """Return what was tried so far."""
    return json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}


def as_markdown(results: Results) -> str:
    """Return the matrix as a table, a line for each broker and protocol."""
    lines = [["Kafka", "protocol", *(cell.name for cell in CELLS)], ["---"] * (2 + len(CELLS))]
    for version in VERSIONS:
        for protocol in PROTOCOLS:
            shown = (_shown(results, version, protocol, cell.name) for cell in CELLS)
            lines.append([version, protocol, *shown])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _shown(results: Results, version: str, protocol: str, cell: str) -> str:
    if why := impossible(cell, version, protocol):
        return why
    found = results.get(key(version, protocol, cell))
    if found is None:
        return NOT_RUN
    return f"{'holds' if found['result'] == HOLDS else 'DOES NOT HOLD'} ({found['on']})"


def write(page: Path, results: Results) -> None:
    """Put the matrix into its place on `page`."""
    before, _, rest = page.read_text("utf-8").partition(BEGINS)
    _, _, after = rest.partition(ENDS)
    page.write_text(before + BEGINS + as_markdown(results) + ENDS + after, "utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.matrix", description=__doc__)
    parser.add_argument("--versions", nargs="*", choices=VERSIONS, default=VERSIONS)
    parser.add_argument("--protocols", nargs="*", choices=PROTOCOLS, default=PROTOCOLS)
    names = [cell.name for cell in CELLS]
    parser.add_argument("--cells", nargs="*", choices=names, default=names)
    parser.add_argument("--write-only", action="store_true", help="try nothing; write the page")
    return parser.parse_args()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leave no process behind
    sys.exit(main())
