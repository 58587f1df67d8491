"""What an inbox promises, whatever becomes of what it hands out. No broker is needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from eropaf_client import inbox
from eropaf_client.errors import JournalMissing, LedgerMoved, NotInHand
from eropaf_client.inbox import Inbox
from eropaf_client.ledger import Identity
from tests.fakes import End, FakeRecord, FakeSource, decoded
from tests.tool import Tool, said


def test_what_was_taken_and_not_completed_comes_again(tool: Tool) -> None:
    tool.tell("a 1", "b 1", "a 2")
    tool.start()
    assert (tool.take(), tool.take()) == ("a 1", "b 1")
    tool.complete()
    assert tool.take() is None  # a 2 waits for a 1
    tool.kill()

    tool.start()

    assert tool.everything() == ["a 1", "a 2"]


def test_a_position_never_passes_a_record_that_is_not_dealt_with(tool: Tool) -> None:
    tool.tell("a 1", "b 1", "c 1", "b 2")
    tool.start()
    held = tool.inbox.take(0)
    tool.everything()
    assert held is not None
    tool.kill()

    tool.start()

    assert tool.everything() == ["a 1"]


def test_updates_after_an_erasure_are_given_though_they_count_from_one_again(tool: Tool) -> None:
    tool.tell("a 7", "a", "a 1", "a 2")
    tool.start()

    assert tool.everything() == ["a 7", "a", "a 1", "a 2"]


def test_an_erasure_that_is_read_again_brings_back_nothing_that_came_before_it(tool: Tool) -> None:
    tool.tell("held 1", "a 5", "a", "a 1")
    tool.start()
    assert tool.take() == "held 1"
    assert tool.everything() == ["a 5", "a", "a 1"]
    tool.kill()

    tool.start()

    assert tool.everything() == ["held 1"]
    assert tool.journal is not None
    assert tool.journal.positions() == {0: 4}
    assert tool.inbox._before == tool.journal.done() == set()  # nothing is kept of what the position passed


def test_of_a_household_that_was_erased_nothing_stays_in_memory_either(tool: Tool) -> None:
    tool.tell("gone 1", "gone", "here 1")
    tool.start()

    tool.everything()

    assert "gone" not in repr(vars(tool.inbox))
    assert "here" in repr(vars(tool.inbox))


def test_a_repeat_is_passed_over_also_after_a_restart(tool: Tool) -> None:
    tool.tell("a 1", "a 2", "a 1", "a 2", "a 3")
    tool.start()
    assert tool.everything() == ["a 1", "a 2", "a 3"]
    tool.kill()
    tool.tell("a 3", "a 4")

    tool.start()

    assert tool.everything() == ["a 4"]


def test_what_is_given_back_precedes_its_households_later_ones_and_delays_no_other(
    tmp_path: Path,
) -> None:
    now = [0.0]
    source = FakeSource()
    for each in ("a 1", "a 2", "b 1"):
        source.write(each[0], each.encode())
    box = Inbox(source, decoded, clock=lambda: now[0])
    first = box.take(0)
    assert first is not None
    box.retry_later(first, 5.0)

    other = box.take(0)
    assert other is not None
    assert said(other) == "b 1"
    assert box.take(0) is None

    now[0] = 5.0
    again = box.take(0)
    assert again == first
    box.complete(again)
    assert said(box.take(0) or again) == "a 2"


def test_what_is_not_in_hand_cannot_be_completed_twice_or_after_it_was_given_back(tool: Tool) -> None:
    tool.tell("a 1")
    tool.start()
    received = tool.inbox.take(0)
    assert received is not None
    tool.inbox.retry_later(received)

    for way in (tool.inbox.complete, tool.inbox.retry_later, lambda each: tool.inbox.park(each, "x")):
        with pytest.raises(NotInHand) as refused:
            way(received)
        assert str(refused.value) == (
            "this record is not in hand: it was dealt with, given back, or will be read again"
        )


def test_later_updates_of_a_household_are_parked_behind_what_is_parked(tool: Tool) -> None:
    tool.tell("a 1", "a 2", "b 1")
    tool.start()
    received = tool.inbox.take(0)
    assert received is not None
    tool.inbox.park(received, "OSError")

    assert tool.everything() == ["b 1"]

    assert tool.journal is not None
    parked = [(each.household, each.sequence, each.error) for each in tool.journal.parked()]
    assert parked == [("a", 1, "OSError"), ("a", 2, inbox.BEHIND_ANOTHER)]


def test_an_erasure_takes_what_is_parked_with_it_and_cannot_be_parked(tool: Tool) -> None:
    tool.tell("a 1", "a", "a 1")
    tool.start()
    received = tool.inbox.take(0)
    assert received is not None
    tool.inbox.park(received, "OSError")
    erasure = tool.inbox.take(0)
    assert erasure is not None
    assert erasure.erased
    with pytest.raises(ValueError, match=r"^an erasure cannot be parked: retry it later$"):
        tool.inbox.park(erasure, "OSError")
    tool.inbox.complete(erasure)

    assert tool.everything() == ["a 1"]
    assert tool.journal is not None
    assert tool.journal.parked() == []


def test_of_a_household_that_was_forgotten_no_byte_is_left_in_the_journal(tool: Tool) -> None:
    tool.tell("forgotten-household 1", "forgotten-household 2", "other 1")
    tool.start()
    received = tool.inbox.take(0)
    assert received is not None
    tool.inbox.park(received, "OSError")
    tool.everything()
    tool.tell("forgotten-household")

    tool.everything()

    for each in tool.path.parent.iterdir():
        assert b"forgotten-household" not in each.read_bytes(), each


def test_what_cannot_be_read_is_passed_over_counted_and_holds_nobody_up(
    tool: Tool, caplog: pytest.LogCaptureFixture
) -> None:
    tool.tell("a 1")
    tool.source.write("b", b"x")
    tool.tell("b 1")
    tool.start()

    assert tool.everything() == ["a 1", "b 1"]

    assert tool.journal is not None
    assert tool.journal.positions() == {0: 3}
    assert tool.inbox.asides.total == 1
    assert caplog.messages == ["outreach.priorities-0-1 (broken-body) cannot be used: passed over"]
    tool.kill()
    assert tool.start().everything() == []


@pytest.mark.parametrize(("key", "household"), [(b"\xff", "\ufffd"), (None, "")], ids=["no text", "none"])
def test_an_erasure_whose_key_is_no_text_is_one_all_the_same(
    tool: Tool, key: bytes | None, household: str
) -> None:
    tool.source.logs[0].append(FakeRecord(tool.source.topic, 0, 0, key, None))  # type: ignore[arg-type]
    tool.start()

    received = tool.inbox.take(0)

    assert received is not None
    assert (received.household, received.erased, received.value) == (household, True, b"")


def test_it_is_known_who_waits_first_and_whose_erasure_does(tool: Tool) -> None:
    tool.tell("a 1", "a", "b 1", "b 2", "c 1")
    tool.start()
    assert tool.take() == "a 1"

    assert [said(each) for each in tool.inbox.first_in_line()] == ["a 1", "b 1", "c 1"]
    assert tool.inbox.erasure_waits("a")
    assert not tool.inbox.erasure_waits("b")
    assert not tool.inbox.erasure_waits("nobody")


def test_what_is_stored_and_not_taken_is_counted_where_a_broker_answers(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool.source.at_once = 3
    tool.tell("a 1", "b 1", "c 1", "d 1")
    tool.start()
    assert tool.inbox.behind() == 4
    tool.take()
    assert tool.inbox.behind() == 3
    tool.complete()
    assert tool.inbox.behind() == 3
    tool.everything()
    assert tool.inbox.behind() == 0

    monkeypatch.setattr(tool.source, "behind", lambda: None)

    assert tool.inbox.behind() is None


def test_waiting_for_a_record_ends_in_time_and_no_later_than_one_is_due_again() -> None:
    now, waits = [0.0], []

    class Slow(FakeSource):
        def poll(self, wait_s: float) -> list[FakeRecord | End]:
            waits.append(wait_s)
            now[0] += min(wait_s, 2.0)
            return super().poll(wait_s)

    box = Inbox(Slow(), decoded, clock=lambda: now[0])
    assert box.take(5.0) is None
    assert waits == [5.0, 3.0, 1.0, 0.0]

    box._source.write("a", b"a 1")  # type: ignore[attr-defined]
    received = box.take(0)
    assert received is not None
    box.retry_later(received, 1.5)
    waits.clear()
    assert box.take(60.0) == received
    assert waits == [1.5]

    box.retry_later(received)
    assert box.take(0) == received  # at once, unless a time is said
    waits.clear()
    box.read_on()
    assert waits == [0.0]


def test_what_went_well_is_not_read_again(tool: Tool) -> None:
    tool.tell("a 1", "b 1", "a")
    tool.start()
    tool.everything()
    tool.inbox.read_on()

    assert tool.source.starts == 1


def test_without_a_journal_parking_is_refused() -> None:
    source = FakeSource()
    source.write("a", b"a 1")
    box = Inbox(source, decoded)
    received = box.take(0)
    assert received is not None

    with pytest.raises(JournalMissing) as raised:
        box.park(received, "x")

    assert str(raised.value) == "there is nowhere to park it: give the subscriber a journal"


def test_another_cluster_is_noticed_and_a_moved_list_skipped_once_that_is_meant(
    tool: Tool,
) -> None:
    tool.tell("a 1", "b 1")
    tool.start().everything()
    tool.kill()
    tool.source = FakeSource()
    tool.source.which = Identity("another", "topic")
    tool.tell("b 1", "a 1", "a 2")
    with pytest.raises(LedgerMoved):
        tool.start()
    assert tool.journal is not None

    tool.journal.unbind()
    tool.kill()

    assert tool.start().everything() == ["a 2"]


def test_memory_is_bounded_and_everything_comes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "MOST_OPEN", 10)
    source = FakeSource()
    source.at_once = 7
    for number in range(100):
        source.write(f"h{number}", f"h{number} 1".encode())
    box = Inbox(source, decoded)
    found = []
    while (received := box.take(0)) is not None:
        box.complete(received)
        found.append(received)

    assert len(found) == 100


@pytest.mark.parametrize("bound", ["MOST_OPEN", "MOST_AHEAD"])
def test_at_its_bound_nothing_more_is_read_until_something_is_dealt_with(
    tool: Tool, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(inbox, bound, 2)
    tool.source.at_once = 1
    tool.tell("first 1", "b 1", "c 1", "d 1")
    tool.start()
    first = tool.inbox.take(0)
    second = tool.inbox.take(0)
    assert first is not None
    assert second is not None
    if bound == "MOST_AHEAD":
        tool.inbox.complete(second)
        assert tool.take() == "c 1"
        tool.complete()
    polls = tool.source.polls

    assert tool.inbox.take(0.001) is None
    assert tool.source.polls == polls
    tool.inbox.complete(first)

    assert tool.everything()[-1] == "d 1"
