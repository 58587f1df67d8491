"""In which encoding a CSV file is: told by its bytes, asked for by any of its names, or refused as open."""

from __future__ import annotations

from pathlib import Path

import pytest

from eropaf_client.errors import FileRefused
from tests.tables import faults, row
from tests.unit.clients.test_files_as_they_come import read, written


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("Latin-1", "latin-1"), ("cp1252", "windows-1252"), ("UTF8", "utf-8"), ("ibm850", "cp850")],
)
def test_an_encoding_is_known_by_each_of_its_names(tmp_path: Path, name: str, encoding: str) -> None:
    path = written(tmp_path, row(contract="Zoë"), encoding=encoding)

    assert read(path, encoding=name)[0].contract == "Zoë"


@pytest.mark.parametrize("name", ["ebcdic", "cp1251", "zip", "", "utf-8\0"])
def test_an_encoding_that_no_office_writes_is_refused_by_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read(written(tmp_path, row()), encoding=name)

    assert "--encoding must be one of utf-8, utf-16, windows-1252" in str(refused.value.problems[0])


@pytest.mark.parametrize("utf_8", ["Zoë", "d\u2019Olivat", "Čapek"])
def test_a_line_of_another_encoding_makes_no_other_contract_of_the_rest(tmp_path: Path, utf_8: str) -> None:
    path = written(tmp_path, row(contract=utf_8))
    path.write_bytes(path.read_bytes() + ",".join(row(signal_id="S-2", contract="René")).encode("latin-1"))

    (said,) = faults(path)

    assert said.startswith("line 2, byte ")
    assert "is UTF-8, and other lines are not" in said


def test_what_is_neither_utf_8_nor_clearly_windows_1252_is_asked_after(tmp_path: Path) -> None:
    path = written(tmp_path, row(contract="Zoë"), encoding="cp850")

    (said,) = faults(path)
    assert said.startswith(
        "line 2, byte 7: is neither UTF-8 nor clearly Windows-1252; say what it is with --encoding"
    )
    assert read(path, encoding="cp850")[0].contract == "Zoë"
