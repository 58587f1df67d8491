"""`eropaf policy check` and `diff`, as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from eropaf.cluster.activation import LONG_PAST, VersionTaken, moment_behind, refuse_another_text
from eropaf.cluster.policy_held import Held, of
from eropaf.commands.policy import as_json, in_lines
from eropaf.main import app
from eropaf.risk.calendar import is_possible_day
from eropaf.risk.events import PolicyActivated
from eropaf.risk.policy import PolicyError
from eropaf.risk.policy_file import PolicyFile
from eropaf.risk.records import DAY_MS
from eropaf.settings import Settings
from eropaf.settings.policy import policy_text
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

    assert result.output == "amsterdam-example-3 is valid\n"


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
        "same version, other numbers: both are called amsterdam-example-3. One version has one text for "
        "ever, so `activate` will ask for a new one",
    ]


def test_a_diff_names_the_row_of_a_table_and_not_the_table(tmp_path: Path) -> None:
    version = f'version = "{PolicyFile.parse(TEXT).version}"'
    other = changed(
        tmp_path,
        (version, 'version = "mine-1"'),
        ("within_days = 7\npoints = 40", "within_days = 7\npoints = 41"),
    )

    result = CliRunner().invoke(app, ["policy", "diff", "amsterdam-example", other])

    assert result.output.splitlines()[1:] == ["nearness.2.points: 40 -> 41"]


def test_where_minor_children_count_check_and_diff_say_so_and_on_what_ground(tmp_path: Path) -> None:
    file = changed(tmp_path, ("[deadlines]", MINOR_CHILDREN + "\n[deadlines]"))

    check = CliRunner().invoke(app, ["policy", "check", file])
    diff = CliRunner().invoke(app, ["policy", "diff", "amsterdam-example", file])

    assert check.output.splitlines()[1:] == [
        "minor children count: 15 points, on the ground of decision of the council of 1 February 2026"
    ]
    assert diff.output.splitlines()[:2] == [
        "minor_children.points: none -> 15",
        "minor_children.legal_basis: none -> decision of the council of 1 February 2026",
    ]


def test_under_a_version_of_its_own_a_diff_says_nothing_of_versions_but_the_two(tmp_path: Path) -> None:
    other = changed(tmp_path, ("breadth = 15", "breadth = 20"), ('"amsterdam-example-3"', '"mine-1"'))

    result = CliRunner().invoke(app, ["policy", "diff", "amsterdam-example", other])

    assert result.output.splitlines() == [
        "version: amsterdam-example-3 -> mine-1",
        "weights.breadth: 15 -> 20",
    ]


def test_a_policy_does_not_differ_from_itself() -> None:
    result = CliRunner().invoke(app, ["policy", "diff", "amsterdam-example", "amsterdam-example"])

    assert result.output == "no number differs\n"


NAMED = PolicyFile.parse(TEXT)
NOON_MS = 1_772_366_400_000  # 2026-03-01, 12:00 UTC


def activated(text: str, at: int) -> PolicyActivated:
    return PolicyActivated(PolicyFile.parse(text).version, text, at)


def called(version: str) -> str:
    return TEXT.replace('"amsterdam-example-3"', f'"{version}"')


def test_until_one_is_activated_the_settings_policy_holds() -> None:
    found = of([], NAMED)

    assert (found.policy, found.since, found.warning) == (NAMED, None, None)
    assert in_lines(found)[0] == "holds: amsterdam-example-3, from the start: none was activated yet"


def test_what_was_activated_last_holds_in_whatever_order_it_is_read() -> None:
    first, last = activated(called("mine-1"), NOON_MS - 1), activated(called("mine-2"), NOON_MS)

    for read in ([first, last], [last, first]):
        assert as_json(of(read, NAMED)) == {
            "holds": "mine-2",
            "since": "2026-03-01T12:00:00+00:00",
            "settings_name": "amsterdam-example-3",
            "differs": True,
        }


def test_settings_that_name_another_policy_than_the_one_that_holds_are_warned_of() -> None:
    assert "amsterdam-example-3, which does not hold" in str(
        of([activated(called("mine-1"), 0)], NAMED).warning
    )


def test_settings_that_name_the_same_version_with_other_numbers_are_warned_of() -> None:
    found = of([activated(TEXT.replace("breadth = 15", "breadth = 20"), 0)], NAMED)

    assert "has other numbers" in str(found.warning)


def test_an_older_policy_that_cannot_be_read_gives_way_to_the_settings_aloud() -> None:
    older = PolicyActivated("amsterdam-example-1", 'version = "amsterdam-example-1"', NOON_MS)

    found = of([older], NAMED)

    assert found.policy == NAMED
    assert in_lines(found)[0] == "holds: amsterdam-example-3, of the settings"
    assert "amsterdam-example-1, which was activated, cannot be read by this version" in str(found.warning)


def test_settings_that_name_what_holds_are_not_warned_of() -> None:
    assert of([activated(TEXT, 0)], NAMED) == Held(NAMED, of([activated(TEXT, 0)], NAMED).since, NAMED)
    assert of([activated(TEXT, 0)], NAMED).warning is None


def test_a_shipped_versions_name_is_taken_though_the_settings_name_another(tmp_path: Path) -> None:
    mine = changed(tmp_path, ('"amsterdam-example-3"', '"mine-1"'))

    with pytest.raises(VersionTaken, match="is shipped as amsterdam-example-3"):
        refuse_another_text(
            Settings(policy=mine), [], NAMED.version, TEXT.replace("breadth = 15", "breadth = 20")
        )


def test_where_no_clock_runs_a_new_policy_is_told_on_a_day_that_households_take() -> None:
    assert is_possible_day(LONG_PAST)
    assert LONG_PAST < NOON_MS // DAY_MS


def test_an_activation_is_newer_than_one_by_a_clock_that_was_ahead() -> None:
    assert moment_behind([activated(TEXT, 700), activated(TEXT, 500)], 600) == 701
    assert moment_behind([activated(TEXT, 500)], 600) == 600
    assert moment_behind([], 600) == 600
