"""Handlers that fail: tried again, parked, or waited for."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

from eropaf_client import handling
from eropaf_client.errors import LedgerFull
from eropaf_client.handling import Handling
from eropaf_client.inbox import Received
from eropaf_client.journal import Parked
from tests.tool import Tool

# More than any of these needs.
MOST_LOOKS = 2_000


class Clock:
    """Stands in for `time`: sleeping takes none, and is noted."""

    def __init__(self) -> None:
        self.now, self.slept = 100.0, list[float]()

    def monotonic(self) -> float:
        return self.now

    def sleep(self, for_s: float) -> None:
        assert for_s > 0
        self.slept.append(round(for_s, 6))
        self.now += for_s


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(handling, "time", made)
    monkeypatch.setattr(handling, "BACKOFF_S", 0.001)
    monkeypatch.setattr(handling, "LONGEST_HANDLING_PAUSE_S", 0.01)
    monkeypatch.setattr(handling, "POLL_WAIT_S", 0.01)
    return made


class Handler:
    """Notes what it is given; raises where `broken` says so."""

    def __init__(self, tool: Tool) -> None:
        self.tool = tool
        self.handled: list[str] = []
        self.parked: list[Parked] = []
        self.tries = 0
        self.broken: Callable[[str], bool] = lambda what: False

    def _do(self, what: str) -> None:
        self.tries += 1
        if self.broken(what):
            raise ConnectionError("away")
        self.handled.append(what)

    def run(self, until: Callable[[], bool]) -> None:
        """Handle until `until()`, which must come true."""
        assert self.tool.journal is not None
        looks = count()

        def stopped() -> bool:
            assert next(looks) < MOST_LOOKS, "nothing came of it"
            return until()

        Handling(
            self.tool.inbox,
            self.tool.journal,
            lambda update: self._do(f"{update.household} {update.sequence}"),
            self._do,
            self.parked.append,
        ).run(stopped)


def test_an_update_that_fails_while_others_go_through_is_parked_and_told(
    tool: Tool, caplog: pytest.LogCaptureFixture
) -> None:
    tool.tell("a 1", "a 2", "b 1")
    handler = Handler(tool.start() and tool)
    handler.broken = lambda what: what.startswith("a")

    handler.run(lambda: bool(handler.parked))

    assert handler.handled == ["b 1"]
    assert [(each.household, each.sequence, each.error) for each in handler.parked] == [
        ("a", 1, "ConnectionError")
    ]
    assert handler.tries == 2 * handling.HANDLING_ATTEMPTS + 1
    assert caplog.messages == ["an update was parked (ConnectionError): a/1"]


def test_while_the_backend_is_away_nothing_is_parked_and_all_is_handled_after(
    tool: Tool,
) -> None:
    tool.tell(*(f"h{number} 1" for number in range(20)))
    handler = Handler(tool.start() and tool)
    handler.broken = lambda what: handler.tries < 60

    handler.run(lambda: len(handler.handled) == 20)

    assert handler.parked == []
    assert sorted(handler.handled) == sorted(f"h{number} 1" for number in range(20))


def test_a_backend_that_is_away_is_tried_once_a_turn(tool: Tool) -> None:
    tool.tell("a 1", "b 1")
    handler, tried = Handler(tool.start() and tool), list[str]()

    def broken(what: str) -> bool:
        tried.append(what)
        return handler.tries < 14

    handler.broken = broken
    handler.run(lambda: len(handler.handled) == 2)

    assert tried == [*["a 1"] * 5, *["b 1"] * 5, "a 1", "b 1", "a 1", "b 1", "a 1"]


def test_one_failure_alone_waits_before_it_is_tried_again(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handling, "HANDLING_ATTEMPTS", 1)
    tool.tell("a 1")
    handler, later = Handler(tool.start() and tool), list[float]()
    released = tool.inbox.retry_later

    def release(received: Received, after_s: float = 0.0) -> None:
        later.append(after_s)
        released(received, after_s)

    monkeypatch.setattr(tool.inbox, "retry_later", release)
    handler.broken = lambda what: handler.tries < 6

    handler.run(lambda: bool(handler.handled))

    assert later == [0.001, 0.002, 0.004, 0.008, 0.01]


def test_an_update_whose_handling_was_stopped_while_it_failed_comes_again(tool: Tool) -> None:
    tool.tell("a 1")
    handler = Handler(tool.start() and tool)
    handler.broken = lambda what: handler.tries == 1

    handler.run(lambda: handler.tries == 1)
    assert handler.handled == []
    handler.run(lambda: bool(handler.handled))

    assert handler.handled == ["a 1"]


def test_a_handling_that_finds_nothing_goes_on(tool: Tool) -> None:
    handler, looks = Handler(tool.start() and tool), count()

    def until() -> bool:
        if next(looks) == 3:
            tool.tell("a 1")
        return bool(handler.handled)

    handler.run(until)

    assert handler.handled == ["a 1"]


def test_an_erasure_is_never_parked_and_holds_up_its_own_household_alone(tool: Tool) -> None:
    tool.tell("a", "a 1", *(f"b {number}" for number in range(1, 30)))
    handler = Handler(tool.start() and tool)
    handler.broken = lambda what: what == "a" and handler.tries < 60

    handler.run(lambda: "a 1" in handler.handled)

    assert handler.parked == []
    assert handler.handled.index("a") < handler.handled.index("a 1")


def test_stopping_in_the_middle_and_handling_again_drops_nothing(tool: Tool) -> None:
    tool.tell(*(f"h{number} 1" for number in range(50)))
    handler = Handler(tool.start() and tool)
    for most in (1, 10, 50):
        handler.run(lambda most=most: len(handler.handled) >= most)  # type: ignore[misc]

    assert sorted(handler.handled) == sorted(f"h{number} 1" for number in range(50))


@pytest.mark.parametrize("raised", [KeyboardInterrupt, LedgerFull])
def test_a_handling_that_ended_in_an_error_gives_its_record_to_the_next(
    tool: Tool, raised: type[BaseException]
) -> None:
    tool.tell("a 1", "a 2")
    handler = Handler(tool.start() and tool)

    def interrupted(what: str) -> bool:
        if handler.tries == 1:
            raise raised("in the middle")
        return False

    handler.broken = interrupted
    with pytest.raises(raised):
        handler.run(lambda: False)

    looks = count()
    handler.run(lambda: len(handler.handled) == 2 or next(looks) > 100)

    assert handler.handled == ["a 1", "a 2"]


def test_the_attempts_at_one_record_are_ever_further_apart(tool: Tool, clock: Clock) -> None:
    tool.tell("a 1")
    handler = Handler(tool.start() and tool)
    handler.broken = lambda what: handler.tries < handling.HANDLING_ATTEMPTS

    handler.run(lambda: bool(handler.handled))

    assert clock.slept == [0.001, 0.002, 0.004, 0.008]


def test_the_pause_while_a_backend_is_away_doubles_up_to_the_longest(
    tool: Tool, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(handling, "HANDLING_ATTEMPTS", 1)
    monkeypatch.setattr(handling, "STOP_CHECKED_EVERY_S", 0.003)
    tool.tell("a 1", "b 1")
    handler = Handler(tool.start() and tool)
    # Back after six tries; away for two more, once the first two are handled.
    handler.broken = lambda what: handler.tries <= 6 or handler.tries in (9, 10)

    def until() -> bool:
        if len(handler.handled) == 2 and len(tool.source.logs[0]) == 2:
            tool.tell("c 1", "d 1")
        return len(handler.handled) == 4

    handler.run(until)

    # Of the first failure alone nobody can tell whose fault it is.
    growing = [0.002, 0.003, 0.001, 0.003, 0.003, 0.002, *[0.003, 0.003, 0.003, 0.001] * 2]
    assert clock.slept == [*growing, 0.002]
    assert caplog.messages[0] == "nothing can be handled (ConnectionError): the next attempt is in 0.0 s"


def test_a_records_first_failure_pays_for_no_other_that_failed_before(tool: Tool) -> None:
    tool.tell("a 1", "c 1", "b 1")
    handler = Handler(tool.start() and tool)
    tries_of_b = count(1)
    handler.broken = lambda what: what == "a 1" or (what == "b 1" and next(tries_of_b) <= 6)

    handler.run(lambda: bool(handler.parked))

    assert handler.handled == ["c 1", "b 1"]
    assert [each.household for each in handler.parked] == ["a"]
