"""A worker that stands still while there is work must end; one that has a reason to wait must not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eropaf.streams.config import StreamsConfig
from eropaf.streams.runtime.watchdog import Seen, Watchdog

CONFIG = StreamsConfig(
    "none:1", "group", "one",
    progress_within_s=10, restore_moves_within_s=20, saved_within_s=30, queue_moves_within_s=5,
)  # fmt: skip
IDLE = Seen(
    broker_answers=True, turns=0, waiting=0, processed=0, restoring=0, restored=0, unsaved=False, saved=0,
    queue_full=False, queued=0,
)  # fmt: skip


def told(*moments: tuple[float, Seen]) -> list[str | None]:
    watchdog = Watchdog(CONFIG)
    return [watchdog.complaint(now, replace(seen, turns=turn)) for turn, (now, seen) in enumerate(moments, 1)]


@pytest.mark.parametrize(
    ("must_move", "moves", "bound_s", "complaint"),
    [
        ({"waiting": 5}, "processed", 10, "records wait and none was processed for 10 s"),
        ({"restoring": 1}, "restored", 20, "rows are being read back and none came for 20 s"),
        ({"unsaved": True}, "saved", 30, "work waits to be saved and no checkpoint was for 30 s"),
        ({"queue_full": True}, "queued", 5, "the producer's queue is full and took nothing for 5 s"),
    ],
)
def test_what_stands_still_beyond_its_bound_is_complained_of(
    must_move: dict[str, Any], moves: str, bound_s: float, complaint: str
) -> None:
    seen = replace(IDLE, **must_move)
    moved = replace(seen, **{moves: 1})  # type: ignore[arg-type]  # a counter, named by the case

    assert told((0, seen), (bound_s, seen)) == [None, None]
    assert told((0, seen), (bound_s + 1, seen)) == [None, complaint]
    assert told((0, seen), (bound_s, moved), (bound_s * 2, moved)) == [None, None, None]
    assert told((0, seen), (bound_s, IDLE), (bound_s + 1, seen)) == [None, None, None]
    # An outage is nobody's stall, and when it ends the bound begins anew.
    away = replace(seen, broker_answers=False)
    assert told((0, seen), (bound_s * 9, away), (bound_s * 9 + 1, seen), (bound_s * 10, seen)) == [None] * 4


def test_a_worker_without_work_is_left_alone() -> None:
    assert told((0, IDLE), (1e6, IDLE)) == [None, None]


def test_a_worker_whose_loop_hangs_is_complained_of_also_without_work() -> None:
    watchdog = Watchdog(CONFIG)

    said = [watchdog.complaint(now, IDLE) for now in (0, 10, 11)]

    assert said == [None, None, "the worker's loop has not come round for 10 s"]


def test_one_stall_does_not_hide_behind_what_moves() -> None:
    stuck = replace(IDLE, waiting=5, unsaved=True)

    said = told(*((float(second), replace(stuck, saved=second)) for second in range(12)))

    assert said[-1] == "records wait and none was processed for 10 s"
