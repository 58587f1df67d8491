"""`eropaf policy check` and `diff`, as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from eropaf.main import app
from eropaf.risk.policy import PolicyError
from eropaf.settings import policy_text
from tests.builders import MINOR_CHILDREN

TEXT = policy_text("amsterdam-example")


def changed(folder: Path, *changes: tuple[str, str]) -> str:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file = folder / "policy.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_shipped_policy_is_checked_by_its_name() -> None:
    result = CliRunner().invoke(app, ["policy", "check", "amsterdam-example"])

    assert result.output == "amsterdam-example-2 is valid\n"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("from_days = 30 # 30 to 100", "from_days = 300 # 30 to 100"), "to_days must be above from_days"),
        (("within_days = 3\npoints = 60", "within_days = 3\npoints = 6"), "nearness: list the nearest first"),
        (("[results.HELP]", "[results.HLEP]"), "results.HELP is missing"),
        (
            ("quiet_days = 90\nretention_days = 90", "quiet_days = 91\nretention_days = 90"),
            "must not be below",
        ),
        (('basis = "', 'bases = "'), "partners.RENT.bases"),
        (('= "accept"', '= "perhaps"'), "lawful.own_effort_when_unsaid"),
    ],
)
def test_a_fault_is_explained(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    result = CliRunner().invoke(app, ["policy", "check", changed(tmp_path, change)])

    assert isinstance(result.exception, PolicyError)
    assert said in str(result.exception)


def test_a_diff_names_every_number_that_differs(tmp_path: Path) -> None:
    other = changed(tmp_path, ("breadth = 15", "breadth = 20"), ("to_days = 100", "to_days = 120"))

    result = CliRunner().invoke(app, ["policy", "diff", "amsterdam-example", other])

    assert result.output.splitlines() == [
        "weights.breadth: 15 -> 20",
        "partners.HEALTH.to_days: 100 -> 120",
    ]


def test_where_minor_children_count_check_and_diff_say_so_and_on_what_ground(tmp_path: Path) -> None:
    file = changed(tmp_path, ("[deadlines]", MINOR_CHILDREN + "\n[deadlines]"))

    check = CliRunner().invoke(app, ["policy", "check", file])
    diff = CliRunner().invoke(app, ["policy", "diff", "amsterdam-example", file])

    assert check.output.splitlines()[1:] == [
        "minor children count: 15 points, on the ground of decision of the council of 1 February 2026"
    ]
    assert diff.output.splitlines() == [
        "minor_children.points: none -> 15",
        "minor_children.legal_basis: none -> decision of the council of 1 February 2026",
    ]


def test_a_policy_does_not_differ_from_itself() -> None:
    result = CliRunner().invoke(app, ["policy", "diff", "amsterdam-example", "amsterdam-example"])

    assert result.output == "no number differs\n"
