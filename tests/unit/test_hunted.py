"""When a change counts as one that lets a test wait for ever: not where a busy machine gave it no turn."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import hunted
from tests.hunted import LEAST_DONE_S, Patience, TookTooLong


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> Patience:
    monkeypatch.setattr(hunted.signal, "setitimer", lambda *_: None)
    monkeypatch.setattr(hunted, "_done_s", lambda: 0.0)
    made = Patience()
    made.begin(1.0)
    return made


def test_what_does_nothing_is_ended_at_the_second_look(patience: Patience) -> None:
    patience.look(0, None)

    with pytest.raises(TookTooLong):
        patience.look(0, None)


def test_what_was_stopped_once_and_goes_on_is_not_ended(
    patience: Patience, monkeypatch: pytest.MonkeyPatch
) -> None:
    patience.look(0, None)
    monkeypatch.setattr(hunted, "_done_s", lambda: 2 * LEAST_DONE_S)
    patience.look(0, None)

    patience.look(0, None)


def test_what_waits_longer_than_any_test_may_is_ended(
    patience: Patience, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = hunted.time.monotonic()
    monkeypatch.setattr(hunted.time, "monotonic", lambda: now_s + 10 * hunted.LONGEST_WAIT_S)
    monkeypatch.setattr(hunted, "_done_s", lambda: 1.0)

    with pytest.raises(TookTooLong):
        patience.look(0, None)


def test_waiting_for_a_turn_counts_as_done(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    turns = tmp_path / "schedstat"
    monkeypatch.setattr(hunted, "TURNS", turns)
    turns.write_text("970488 3264820000 31\n")

    assert hunted._done_s() >= 3.26
