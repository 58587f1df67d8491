"""`make compiled` leaves nothing beside the sources that no source makes any more."""

from __future__ import annotations

import runpy
from pathlib import Path

from tests.integration.processes import REPO


def test_what_was_compiled_of_a_source_that_is_gone_is_found(tmp_path: Path) -> None:
    rules, state = tmp_path / "risk", tmp_path / "state"
    for file in (
        rules / "score.py",
        rules / "score.cpython-311.so",
        rules / "gone.cpython-311.so",
        state / "packed.pyx",
        state / "packed.cpython-311.so",
    ):
        file.parent.mkdir(exist_ok=True)
        file.touch()

    found = runpy.run_path(str(REPO / "clients" / "compiling.py"))["_of_gone_sources"]

    assert [*found(tmp_path, ["risk/*.py", "state/packed.pyx"])] == [rules / "gone.cpython-311.so"]
