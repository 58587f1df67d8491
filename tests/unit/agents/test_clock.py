"""One clock of the deployment tells each day: that of the worker which leads."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from eropaf.agents.append import Appender
from eropaf.agents.clock import Clock
from eropaf.risk.records import DAY_MS, HouseholdEvent
from eropaf.risk.zone import civil_zone
from eropaf.streams.errors import BrokerUnreachable
from eropaf.streams.runtime.record import Output
from eropaf_client.schemas.errors import RegistryUnavailable, SchemaNotRegistered

MONDAY = 20_514


class Histories(Appender):
    """Keeps what is appended to two partitions; `error` as what does not answer."""

    def __init__(self) -> None:
        self.partitions = 2
        self.error: Exception | None = None
        self.told: list[tuple[int, int]] = []

    def event(self, event: HouseholdEvent, stored_at: int, partition: int = -1) -> Output:
        assert event.tick is not None
        return Output("household-events", b"*", str(event.tick.on).encode(), stored_at, partition)

    def write(self, records: Iterable[Output]) -> None:
        if self.error is not None:
            raise self.error
        self.told += [(int(record.value or b""), record.partition) for record in records]


class Deployment:
    """One worker's clock, and what it goes by."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.leads = True
        self.day = MONDAY
        self.seconds = 0
        self.histories = Histories()
        monkeypatch.setattr("eropaf.agents.clock.time.time", lambda: self.day * DAY_MS / 1000 + self.seconds)
        self.zone = "Europe/Amsterdam"
        self.clock = Clock(lambda: self.histories, lambda: self.leads, lambda: civil_zone(self.zone))

    def look(self) -> list[tuple[int, int]]:
        """Let the clock look; return what it told."""
        before = len(self.histories.told)
        asyncio.run(self.clock.look())
        return self.histories.told[before:]


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Deployment:
    return Deployment(monkeypatch)


def test_a_day_is_told_once_in_every_partition(deployment: Deployment) -> None:
    assert deployment.look() == [(MONDAY, 0), (MONDAY, 1)]
    assert deployment.look() == []

    deployment.day = MONDAY + 1

    assert deployment.look() == [(MONDAY + 1, 0), (MONDAY + 1, 1)]


def test_the_day_changes_at_midnight_where_the_law_is_applied(deployment: Deployment) -> None:
    deployment.seconds = 23 * 3600 - 1  # a second before midnight in Amsterdam, where it is winter
    assert deployment.look() == [(MONDAY, 0), (MONDAY, 1)]

    deployment.seconds += 1

    assert deployment.look() == [(MONDAY + 1, 0), (MONDAY + 1, 1)]


def test_a_worker_that_does_not_lead_tells_nothing(deployment: Deployment) -> None:
    deployment.leads = False

    assert deployment.look() == []


def test_who_leads_again_tells_the_day_again_since_another_may_have_failed_at_it(
    deployment: Deployment,
) -> None:
    deployment.look()

    deployment.leads = False
    deployment.look()
    deployment.leads = True

    assert deployment.look() == [(MONDAY, 0), (MONDAY, 1)]


@pytest.mark.parametrize(
    "error", [BrokerUnreachable("gone"), RegistryUnavailable("gone"), SchemaNotRegistered("emptied")]
)
def test_a_day_that_could_not_be_told_is_tried_again(error: Exception, deployment: Deployment) -> None:
    deployment.histories.error = error
    assert deployment.look() == []

    deployment.histories.error = None

    assert deployment.look() == [(MONDAY, 0), (MONDAY, 1)]


class Ended(BaseException):
    """This process, as a test may end it."""


def test_a_clock_that_breaks_ends_its_worker_since_no_day_would_pass_without_a_word(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(reason: str, cause: BaseException) -> None:
        raise Ended(reason) from cause

    monkeypatch.setattr("eropaf.agents.clock.stop_at_once", stop)
    deployment.histories.error = ZeroDivisionError("a fault of ours")

    with pytest.raises(Ended, match="the clock failed"):
        asyncio.run(deployment.clock.watch())
