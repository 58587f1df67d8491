"""A board that lives and never gets ready is restarted; one whose broker is away is left alone."""

from __future__ import annotations

from eropaf.serving.pulse import NEVER_READY_AFTER_S, STUCK_AFTER_S, Pulse


def beating(seconds: range, *, moved: bool = False, caught_up: bool = False) -> Pulse:
    """Return the pulse of a reader that started at 0 and ended a round in each of these seconds."""
    pulse = Pulse(0.0, 0.0)
    for now in seconds:
        pulse.beat(float(now), moved=moved, caught_up=caught_up)
    return pulse


def test_one_that_reads_and_has_not_read_all_is_waited_for() -> None:
    assert beating(range(1000), moved=True).stuck(1000, alive=True) is None


def test_one_that_turns_reads_nothing_and_never_had_all_is_never_ready() -> None:
    pulse = beating(range(int(NEVER_READY_AFTER_S) + 1))

    assert pulse.stuck(NEVER_READY_AFTER_S - 1, alive=True) is None
    assert pulse.stuck(NEVER_READY_AFTER_S + 1, alive=True) == "never ready"


def test_one_that_had_read_all_may_read_nothing_for_as_long_as_nothing_comes() -> None:
    assert beating(range(10_000), caught_up=True).stuck(10_000, alive=True) is None


def test_one_that_ends_no_round_hangs_whatever_it_had_read() -> None:
    pulse = beating(range(10), moved=True, caught_up=True)

    assert pulse.stuck(STUCK_AFTER_S, alive=True) is None
    assert pulse.stuck(9 + STUCK_AFTER_S + 1, alive=True) == "the reader hangs"


def test_one_whose_thread_is_gone_has_ended() -> None:
    assert beating(range(10), caught_up=True).stuck(10, alive=False) == "the reader ended"
