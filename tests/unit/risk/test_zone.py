"""The legal day: which day it is where the law is applied, over both nights on which clocks are set."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eropaf.risk.calendar import EPOCH
from eropaf.risk.history import tell
from eropaf.risk.lawful import unlawful
from eropaf.risk.policy import Policy
from eropaf.risk.refusal import Reason
from eropaf.risk.zone import UnknownZone, civil_zone
from tests.builders import AMSTERDAM_EXAMPLE, a_signal, amsterdam_example, an_event

AMSTERDAM = "Europe/Amsterdam"


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def day(text: str) -> int:
    return (date.fromisoformat(text) - EPOCH).days


# A moment with its offset, and the civil day. Clocks go forward on 29 March 2026 at 02:00 and back on 25
# October at 03:00 (Directive 2000/84/EC).
MOMENTS = [
    ("2026-03-02T00:30:00+01:00", "2026-03-02"),
    ("2026-03-02T23:59:59+01:00", "2026-03-02"),
    ("2026-03-28T23:59:59+01:00", "2026-03-28"),
    ("2026-03-29T00:00:00+01:00", "2026-03-29"),
    ("2026-03-29T23:59:59+02:00", "2026-03-29"),
    ("2026-03-30T00:00:00+02:00", "2026-03-30"),
    ("2026-07-01T00:30:00+02:00", "2026-07-01"),
    ("2026-10-25T00:00:00+02:00", "2026-10-25"),
    ("2026-10-25T23:59:59+01:00", "2026-10-25"),
    ("2026-10-26T00:00:00+01:00", "2026-10-26"),
    ("1996-07-01T00:30:00+02:00", "1996-07-01"),
]


@pytest.mark.parametrize(("moment", "civil"), MOMENTS)
def test_a_moment_is_of_the_civil_day(moment: str, civil: str) -> None:
    assert civil_zone(AMSTERDAM).day_of(ms(moment)) == day(civil)


# The day, when it begins, and how many hours it has.
NIGHTS = [
    ("2026-03-28", "2026-03-27T23:00:00+00:00", 24),
    ("2026-03-29", "2026-03-28T23:00:00+00:00", 23),
    ("2026-03-30", "2026-03-29T22:00:00+00:00", 24),
    ("2026-10-25", "2026-10-24T22:00:00+00:00", 25),
    ("2026-10-26", "2026-10-25T23:00:00+00:00", 24),
]


@pytest.mark.parametrize(("civil", "begins", "hours"), NIGHTS)
def test_a_civil_day_begins_and_has_as_many_hours_as_the_clocks_give_it(
    civil: str, begins: str, hours: int
) -> None:
    zone = civil_zone(AMSTERDAM)
    start, following = zone.start_of(day(civil)), zone.start_of(day(civil) + 1)

    assert start == ms(begins)
    assert following - start == hours * 3_600_000


@given(st.integers(7_305, 47_000), st.sampled_from([AMSTERDAM, "America/Curacao", "UTC"]))
def test_every_day_begins_with_its_first_moment(number: int, name: str) -> None:
    zone = civil_zone(name)
    start = zone.start_of(number)

    assert (zone.day_of(start), zone.day_of(start - 1)) == (number, number - 1)


@pytest.mark.parametrize("name", [AMSTERDAM, "America/Caracas"])
def test_around_each_change_of_clocks_a_day_begins_with_its_first_moment(name: str) -> None:
    """Also where they are set once and for good, and not back half a year later."""
    zone = civil_zone(name)

    days = [zone.day_of(at) + near for at in zone.since[1:] for near in (-2, -1, 0, 1, 2)]

    begins = [(zone.day_of(at), zone.day_of(at - 1)) for at in map(zone.start_of, days)]
    assert begins == [(each, each - 1) for each in days]


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 12, 1)))
def test_days_are_those_of_the_time_zone_database(moment: datetime) -> None:
    at = moment.replace(tzinfo=UTC)

    civil = at.astimezone(ZoneInfo(AMSTERDAM)).date()

    assert (
        civil_zone(AMSTERDAM).day_of((at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1))
        == (civil - EPOCH).days
    )


@pytest.mark.parametrize("name", ["Europe/Amsterdm", "", "Europe", "../secret", "/etc/passwd"])
def test_a_zone_that_there_is_not_is_named(name: str) -> None:
    with pytest.raises(UnknownZone, match="unknown time zone"):
        civil_zone(name)


def test_a_signal_of_half_past_midnight_is_of_the_day_that_has_begun() -> None:
    """It is no day too young, and its deadline comes no day early."""
    signal = a_signal(reported_at=ms("2026-04-01T00:30:00+02:00"), arrears_since=day("2026-03-02"))
    of_utc = Policy.parse(AMSTERDAM_EXAMPLE.replace('"Europe/Amsterdam"', '"UTC"'))

    assert unlawful(signal, amsterdam_example()) is None
    assert unlawful(signal, of_utc) is Reason.TOO_FEW_DAYS
    (update,) = tell([an_event(signal)], amsterdam_example()).updates
    assert update.respond_by == day("2026-04-29")


def test_the_month_of_a_signal_is_the_civil_one() -> None:
    event = an_event(reported_at=ms("2026-04-01T00:30:00+02:00"))

    (row,) = tell([event], amsterdam_example()).households.values()

    assert row.months == ((2026 - 1970) * 12 + 3,)
