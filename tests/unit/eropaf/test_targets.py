"""What already exists is written over only where somebody says so, and that is told before the work."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from eropaf.commands import resident
from eropaf.main import app
from eropaf.process.faults import sentences
from eropaf.streams.errors import SavepointThere
from eropaf_client.files.writing import NotWritten, in_its_place

NOBODY_LISTENS = "127.0.0.1:1"
REPORT = ("report", "ddas", "--month", "2026-03", "--organisation", "Ours")
ACCESS = ("resident", "access", "1011AB 12", "--purpose", "resident-asked")


def given(*arguments: str) -> Result:
    return CliRunner(env={"EROPAF_BOOTSTRAP": NOBODY_LISTENS}).invoke(app, arguments)


@pytest.fixture
def there(tmp_path: Path) -> Path:
    file = tmp_path / "there"
    file.write_text("the only one")
    return file


def test_a_report_over_another_is_refused_before_anything_is_read(there: Path) -> None:
    done = given(*REPORT, "--out", str(there))

    assert done.exit_code == 2
    assert "say --overwrite" in " ".join(done.output.split())
    assert there.read_text() == "the only one"


@pytest.mark.parametrize("options", [(), ("--while-running",)])
def test_a_savepoint_over_another_is_refused_before_anything_is_read(
    there: Path, options: tuple[str, ...]
) -> None:
    done = given("state", "export", str(there), *options)

    assert isinstance(done.exception, SavepointThere)
    assert sentences(done.exception)[0].endswith("left as it is. Name another, or say --overwrite")
    assert there.read_text() == "the only one"


def test_a_letter_over_another_is_refused_before_a_trace_is_left(
    there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(resident, "answer", lambda *what: asked.append(what))

    done = given(*ACCESS, "--letter", str(there))

    assert (done.exit_code, asked) == (2, [])
    assert "name another file with --letter" in " ".join(done.output.split())
    assert there.read_text() == "the only one"


def test_a_file_that_somebody_makes_meanwhile_is_theirs(tmp_path: Path) -> None:
    file = tmp_path / "report"

    def written() -> None:
        with in_its_place(file) as target:
            target.write(b"ours")
            file.write_bytes(b"theirs")

    with pytest.raises(NotWritten, match="already exists"):
        written()

    assert file.read_bytes() == b"theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["report"]
