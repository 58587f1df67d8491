from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.calendar.__main__ import build, shifted
from tests.calendar.days import Moment, moments

WAITS = """
import sys, time, threading
from datetime import datetime, UTC
from confluent_kafka import Consumer
began, wall = time.monotonic(), time.time()
time.sleep(0.2)
threading.Event().wait(0.2)
client = Consumer({"bootstrap.servers": "127.0.0.1:1", "group.id": "g", "log_level": 0})
client.poll(0.2)
client.close()
print(datetime.now(UTC).isoformat(), time.monotonic() - began, time.time() - wall)
"""


@given(st.datetimes(datetime(2024, 1, 1), datetime(2034, 1, 1), timezones=st.just(UTC)))
def test_every_moment_lies_ahead_and_there_are_a_dozen(now: datetime) -> None:
    tried = moments(now)

    assert len({moment.name for moment in tried}) == len(tried) >= 12
    assert all(moment.at > now for moment in tried)


def test_the_moments_are_those_that_they_are_called_by() -> None:
    at = {moment.name: moment.at for moment in moments(datetime(2026, 11, 27, 12, tzinfo=UTC))}

    assert at["leap-day"].date() == date(2028, 2, 29)
    assert at["clocks-go-forward"].utcoffset() == timedelta(hours=1)
    assert (at["clocks-go-forward"].astimezone(UTC) + timedelta(minutes=1)).astimezone(
        at["clocks-go-forward"].tzinfo
    ).hour == 3
    assert at["clocks-go-back"].utcoffset() == timedelta(hours=2)
    assert [at[f"the-{day}"].day for day in ("10th", "20th", "30th", "31st")] == [10, 20, 30, 31]


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("cc") is None,
    reason="NO C COMPILER, SO NO OTHER DAY",
)
def test_on_another_day_all_programs_agree_and_waits_take_as_long_as_ever(tmp_path: Path) -> None:
    moment = Moment("a-leap-day", datetime(2036, 2, 29, 12, tzinfo=UTC))
    environment = os.environ | shifted(build(tmp_path), moment)

    python = subprocess.check_output([sys.executable, "-c", WAITS], env=environment, text=True, timeout=60)
    other = subprocess.check_output(["date", "-u", "+%F"], env=environment, text=True, timeout=60)

    today, waited_s, passed_s = python.split()
    assert today.startswith("2036-02-29")
    assert other.strip() == "2036-02-29"
    assert 0.6 <= float(waited_s) < 20
    assert abs(float(passed_s) - float(waited_s)) < 0.5
