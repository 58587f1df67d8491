"""`eropaf documents`, as it is typed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eropaf.derived.documents import BLOCK
from eropaf.main import app
from eropaf.settings import SettingsError


def test_a_municipality_gets_its_documents_in_a_folder_of_its_own(tmp_path: Path) -> None:
    out = tmp_path / "ours"

    told = CliRunner().invoke(app, ["documents", "amsterdam-example", "--out", str(out)])

    assert told.exit_code == 0
    assert {page.name for page in out.iterdir()} >= {"dpia.md", "model-card.md", "algorithm-register.md"}


def test_what_is_as_it_must_be_is_not_written_again(tmp_path: Path) -> None:
    arguments = ["documents", "amsterdam-example", "--out", str(tmp_path / "ours")]
    CliRunner().invoke(app, arguments)

    assert CliRunner().invoke(app, arguments).output == "every document is as it must be\n"


def test_what_people_wrote_around_the_tables_stays(tmp_path: Path) -> None:
    arguments = ["documents", "amsterdam-example", "--out", str(tmp_path)]
    CliRunner().invoke(app, arguments)
    page = tmp_path / "model-card.md"
    block = "<!-- generated: policy-version -->\n"
    whole = page.read_text("utf-8")
    assert block in whole
    page.write_text("Ours.\n" + whole.replace(block, block + "stale "), "utf-8")

    told = CliRunner().invoke(app, arguments)

    assert told.output == f"{page} written\n"
    assert page.read_text("utf-8") == "Ours.\n" + whole


@pytest.mark.parametrize("gone", ["bands", "minor-children"])
def test_what_a_newer_page_has_comes_into_one_that_is_there(tmp_path: Path, gone: str) -> None:
    arguments = ["documents", "amsterdam-example", "--out", str(tmp_path)]
    CliRunner().invoke(app, arguments)
    page = tmp_path / "algorithm-register.md"
    whole = page.read_text("utf-8")
    older = re.sub(rf"<!-- generated: {gone} -->.*?<!-- end -->\n", "", whole, flags=re.DOTALL)
    page.write_text(older.replace("## How it works", "## How ours works"), "utf-8")

    told = CliRunner().invoke(app, arguments)

    assert told.output.startswith(f"{page} written\n  new in it: {gone}; ")
    now = page.read_text("utf-8")
    assert BLOCK.findall(now) == BLOCK.findall(whole), "in the order of ours"
    assert "## How ours works" in now
    assert CliRunner().invoke(app, arguments).output == "every document is as it must be\n"


def test_what_a_page_says_it_does_without_stays_out(tmp_path: Path) -> None:
    arguments = ["documents", "amsterdam-example", "--out", str(tmp_path)]
    CliRunner().invoke(app, arguments)
    page = tmp_path / "model-card.md"
    theirs = re.sub(
        r"<!-- generated: bands -->.*?<!-- end -->",
        "<!-- without: bands -->",
        page.read_text("utf-8"),
        flags=re.DOTALL,
    )
    page.write_text(theirs, "utf-8")

    assert CliRunner().invoke(app, arguments).output == "every document is as it must be\n"
    assert page.read_text("utf-8") == theirs


def test_a_file_where_a_folder_must_be_is_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    told = CliRunner().invoke(app, ["documents", "amsterdam-example", "--out", str(file)])

    assert told.exit_code == 2
    assert "name a folder" in " ".join(told.output.replace("│", " ").split())


def test_another_policy_does_not_go_into_the_projects_own_documents() -> None:
    told = CliRunner().invoke(app, ["documents", "mine.toml"])

    assert told.exit_code == 2
    assert "--out" in told.output


def test_a_policy_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["documents", "nowhere.toml", "--out", str(tmp_path)])

    assert isinstance(told.exception, SettingsError)
    with pytest.raises(SettingsError, match=r"cannot read the policy nowhere\.toml"):
        raise told.exception
