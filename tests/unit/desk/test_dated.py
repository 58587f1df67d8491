"""What a resident gets to see has dates, and no numbers of days."""

from __future__ import annotations

from eropaf.desk.dated import DAY, MOMENT, PLAIN_MOMENTS, _named, dated


def test_a_day_a_month_and_a_moment_are_written_as_people_read_them() -> None:
    held = {
        "positions": [{"crisis_on": 20790, "amount_cents": 20790, "reported_at": 1_772_366_400_000}],
        "months": [674],
        "crisis": {"on": None},
    }

    assert dated(held) == {
        "positions": [
            {"crisis_on": "2026-12-03", "amount_cents": 20790, "reported_at": "2026-03-01T12:00:00+00:00"}
        ],
        "months": ["2026-03"],
        "crisis": {"on": None},
    }


def test_a_number_that_no_calendar_has_stays_as_it_is() -> None:
    assert dated({"at": 10**18, "crisis_on": 10**9}) == {"at": 10**18, "crisis_on": 10**9}


def test_truth_is_no_day() -> None:
    assert dated({"on": True}) == {"on": True}


def test_no_name_is_a_day_here_and_a_moment_there() -> None:
    assert not _named(DAY) & (_named(MOMENT) | PLAIN_MOMENTS)
