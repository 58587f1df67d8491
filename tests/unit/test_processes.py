"""Who waits for a process hears at once that it ended, and what it said last; none is left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.processes import PATIENCE_S, Process, ended


def test_that_a_process_ended_is_told_at_once_with_its_last_words(tmp_path: Path) -> None:
    process = Process(["-c", "print('no such topic'); raise SystemExit(3)"], tmp_path / "log")

    with ended(process), pytest.raises(AssertionError, match="it ended with 3 before: it serves") as told:
        process.until(lambda: False, PATIENCE_S, "it serves")

    assert "no such topic" in str(told.value)


def test_what_came_with_the_last_thing_that_a_process_did_counts(tmp_path: Path) -> None:
    process = Process(["-c", ""], tmp_path / "log")
    looks = iter((False, True, True))

    with ended(process):
        process.wait(PATIENCE_S)
        process.until(lambda: next(looks), PATIENCE_S, "it is done")


def test_a_process_that_was_waited_for_in_vain_is_ended(tmp_path: Path) -> None:
    process = Process(["-c", "import threading; threading.Event().wait()"], tmp_path / "log")

    with pytest.raises(AssertionError, match=r"not within 0\.2 s: it serves"):
        process.until(lambda: False, 0.2, "it serves")

    assert process.popen.poll() is not None
