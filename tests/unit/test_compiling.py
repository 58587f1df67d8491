"""What `make compiled` makes of the sources, and what it leaves beside them."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

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

    found = compiling()["_of_gone_sources"]

    assert [*found(tmp_path, ["risk/*.py", "state/packed.pyx"])] == [rules / "gone.cpython-311.so"]


def test_only_what_a_source_says_reads_fields_where_they_stand(tmp_path: Path) -> None:
    generated, parts = tmp_path / "score.c", compiling()
    generated.write_text(f"declared();\n{parts['FROM']}read();\n{parts['TO']}defined();\n")

    parts["_read_slots"](generated)

    lines = generated.read_text().splitlines()
    places = [lines.index(line) for line in ("declared();", "read();", "defined();")]
    (begins,) = [at for at, line in enumerate(lines) if line.startswith("#define __Pyx_PyObject_GetAttrStr")]
    ends = lines.index("#undef __Pyx_PyObject_GetAttrStr")
    assert [places[0], begins, places[1], ends, places[2]] == sorted([*places, begins, ends])


def test_a_cython_that_generates_other_parts_is_said_to(tmp_path: Path) -> None:
    generated = tmp_path / "score.c"
    generated.write_text("read();\n")

    with pytest.raises(SystemExit, match="other parts"):
        compiling()["_read_slots"](generated)


def compiling() -> dict[str, Any]:
    return runpy.run_path(str(REPO / "clients" / "compiling.py"))
