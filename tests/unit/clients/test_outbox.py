"""What an outbox promises, whatever happens between keeping, storing and marking. No broker is needed."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from eropaf_client import delivery, outbox
from eropaf_client.delivery import Delivery
from eropaf_client.errors import (
    InvalidSignal,
    LedgerFull,
    LedgerMoved,
    NotAcknowledged,
    OutboxInUse,
)
from eropaf_client.ledger import Identity, Ledger
from eropaf_client.outbox import Outbox, Stored, Waiting, canonical
from tests.creditor import Creditor, kept
from tests.fakes import FakePost, FakeTopic
from tests.points import Killed, happens, killed, reached

ON_THE_WAY = (
    Outbox.put, Outbox.note, Outbox.learn, Outbox.waiting, Outbox.marked, Ledger.transaction,
    Delivery, FakePost,
)  # fmt: skip
SIGNALS = [kept(number) for number in range(3)]


def every_point(memory: Path) -> list[Any]:
    made = Creditor(memory / "points.db")
    passed = reached(ON_THE_WAY, lambda: made.report_again_and_again(*SIGNALS))
    made.outbox.close()
    return [point for point in passed if point.time == 2 or point.function == "Delivery._ask"]


def test_killed_at_every_line_an_outbox_loses_and_doubles_nothing(memory: Path) -> None:
    points = every_point(memory)
    assert len(points) > 40

    for number, point in enumerate(points):
        made = Creditor(memory / f"{number}.db")
        with happens(point, ON_THE_WAY, killed), pytest.raises(Killed):
            made.report_again_and_again(*SIGNALS)
        made.kill()

        made.start()
        made.report_again_and_again(*SIGNALS)

        assert made.stored == [each.value for each in SIGNALS], point
        assert len(made.outbox) == 0
        made.outbox.close()


@pytest.mark.parametrize("raised", [KeyboardInterrupt, RuntimeError])
def test_whatever_is_raised_at_any_line_the_publisher_goes_on_and_doubles_nothing(
    memory: Path, raised: type[BaseException]
) -> None:
    def strikes() -> None:
        raise raised

    for number, point in enumerate(every_point(memory)):
        made = Creditor(memory / f"{number}.db")
        with happens(point, ON_THE_WAY, strikes), suppress(raised):
            made.report_again_and_again(*SIGNALS)

        made.report_again_and_again(*SIGNALS)

        assert made.stored == [each.value for each in SIGNALS], point
        made.outbox.close()


@pytest.mark.parametrize("fault", ["before", "after"])
def test_a_batch_that_was_not_acknowledged_is_asked_for_before_it_is_sent_again(
    creditor: Creditor, fault: str
) -> None:
    creditor.post.fails = [fault]
    with pytest.raises(NotAcknowledged):
        creditor.report(kept(1))

    creditor.report(kept(2))

    assert creditor.stored == [kept(1).value, kept(2).value]


def test_threads_report_at_once_and_each_signal_is_stored_once(creditor: Creditor) -> None:
    def report(first: int) -> None:
        for number in range(first, first + 100):
            creditor.report(kept(number))

    threads = [threading.Thread(target=report, args=(each * 100,)) for each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(creditor.stored) == 400
    assert set(creditor.stored) == {kept(number).value for number in range(400)}


def a_week_passes(creditor: Creditor) -> None:
    """Let the broker forget the position, as it does when nobody renewed it for seven days."""
    creditor.topic.position = None
    earlier = (date.today() - timedelta(days=8)).isoformat()
    creditor.outbox.write("UPDATE signal SET put_on = ?", earlier)


def test_killed_before_the_mark_and_started_after_expiry_nothing_is_stored_twice(
    creditor: Creditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Outbox, "note", lambda *_: killed())
    with pytest.raises(Killed):
        creditor.report(kept(1), kept(2))
    monkeypatch.undo()
    a_week_passes(creditor)
    creditor.kill()

    creditor.start()
    creditor.report(kept(3))

    assert creditor.stored == [kept(1).value, kept(2).value, kept(3).value]


def test_what_was_kept_and_never_sent_is_sent_after_the_position_expired(creditor: Creditor) -> None:
    creditor.report(kept(1))
    creditor.outbox.put([kept(2)])
    a_week_passes(creditor)
    creditor.kill()

    creditor.start()
    creditor.delivery.deliver()

    assert creditor.stored == [kept(1).value, kept(2).value]


def test_a_disk_that_is_full_changes_nothing_and_says_so(creditor: Creditor) -> None:
    creditor.report(kept(1))
    pages = creditor.outbox.read("PRAGMA page_count")[0][0]
    creditor.outbox.read(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(LedgerFull, match="make room") as full:
        creditor.report(*(kept(number) for number in range(2, 2000)))

    assert full.value.retriable
    creditor.outbox.read("PRAGMA max_page_count = 100000")
    creditor.report(kept(2))
    assert creditor.stored == [kept(1).value, kept(2).value]


def test_one_id_and_version_with_other_content_is_a_fault_and_with_the_same_known(
    creditor: Creditor,
) -> None:
    creditor.report(kept(1))
    creditor.report(kept(1))

    with pytest.raises(InvalidSignal, match="needs a higher version") as told:
        creditor.report(kept(1, amount=200))

    assert (told.value.field, told.value.code) == ("version", "changed-without-version")
    creditor.report(kept(1, version=2, amount=200))
    assert len(creditor.stored) == 2


def test_a_field_that_a_later_version_adds_does_not_change_a_signal_that_is_known(creditor: Creditor) -> None:
    creditor.report(kept(1))

    creditor.report(kept(1)._replace(content=canonical({"amount": 100, "new": None, "wish": False})))

    assert len(creditor.stored) == 1


def test_another_cluster_or_a_topic_made_anew_is_noticed_before_anything_is_sent(creditor: Creditor) -> None:
    creditor.report(kept(1))
    creditor.outbox.put([kept(2)])
    creditor.outbox.close()
    moved = FakeTopic()
    moved.identity = Identity("another", "topic")
    old, creditor.topic = creditor.topic, moved

    with pytest.raises(LedgerMoved, match=r"another cluster.*rebind"):
        creditor.start()
    creditor.outbox.close()

    again = Outbox(creditor.path)
    again.unbind()
    again.close()
    creditor.start()
    creditor.delivery.deliver()
    assert creditor.stored == [kept(2).value]
    assert len(old.records) == 1


def test_a_sender_that_was_fenced_says_who_has_the_outbox(creditor: Creditor) -> None:
    other = FakePost(creditor.topic)
    other.take_over()

    with pytest.raises(OutboxInUse):
        creditor.report(kept(1))

    assert creditor.stored == []


def test_what_was_stored_is_remembered_for_400_days(
    creditor: Creditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    creditor.report(kept(1))

    def after(days: int) -> Callable[[], None]:
        def reopen() -> None:
            creditor.outbox.close()
            put_on = (date.today() - timedelta(days=days)).isoformat()
            with sqlite3.connect(creditor.path) as db:
                db.execute("UPDATE signal SET put_on = ?", (put_on,))
            db.close()
            creditor.start()

        return reopen

    after(outbox.REMEMBERED_DAYS)()
    creditor.report(kept(1))
    assert len(creditor.stored) == 1
    after(outbox.REMEMBERED_DAYS + 1)()
    creditor.report(kept(1))
    assert len(creditor.stored) == 2


def test_a_process_that_runs_for_years_forgets_what_is_remembered_no_longer(
    creditor: Creditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    creditor.report(kept(1))
    today = date.today()

    class Later(date):
        @classmethod
        def today(cls) -> Later:
            return cls.fromordinal(today.toordinal() + outbox.REMEMBERED_DAYS + 1)

    monkeypatch.setattr(outbox, "date", Later)
    creditor.report(kept(2))

    held = creditor.outbox.read("SELECT signal_id FROM signal")
    assert held == [(kept(2).signal_id,)]


def test_more_than_one_batch_is_delivered_in_order(
    creditor: Creditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "TOGETHER", 2)
    creditor.outbox.put(kept(number) for number in range(5))

    assert creditor.delivery.deliver() == 5

    assert creditor.stored == [kept(number).value for number in range(5)]


@pytest.mark.parametrize(("days", "looks"), [(0, False), (1, False), (2, True)])
def test_the_topic_is_looked_through_only_where_a_position_may_have_been_and_gone(
    creditor: Creditor, monkeypatch: pytest.MonkeyPatch, days: int, looks: bool
) -> None:
    creditor.outbox.put([kept(1), kept(2)])
    put_on = date.today() - timedelta(days=days)
    creditor.outbox.write("UPDATE signal SET put_on = ?", put_on.isoformat())
    asked: list[tuple[set[bytes], date]] = []

    def found(self: FakePost, values: set[bytes], since: date) -> set[bytes]:
        asked.append((values, since))
        return set()

    monkeypatch.setattr(FakePost, "found", found)
    creditor.kill()

    creditor.start()

    assert asked == ([({kept(1).value, kept(2).value}, put_on)] if looks else [])


def test_what_lies_on_the_topic_by_another_way_takes_nothing_with_it_that_does_not(
    creditor: Creditor,
) -> None:
    creditor.outbox.put([kept(1), kept(2), kept(3)])
    creditor.outbox.write("UPDATE signal SET put_on = ?", (date.today() - timedelta(days=2)).isoformat())
    creditor.topic.records.append((kept(3).contract, kept(3).value))  # as an earlier file stored it
    creditor.kill()

    creditor.start()
    creditor.delivery.deliver()

    assert set(creditor.stored) >= {kept(number).value for number in (1, 2, 3)}


def test_a_delivery_returns_how_many_it_brought_and_how_many_it_found_there(creditor: Creditor) -> None:
    creditor.outbox.put([kept(1), kept(2)])
    assert creditor.delivery.deliver() == 2
    assert creditor.delivery.deliver() == 0
    creditor.outbox.put([kept(3)])
    creditor.post.fails = ["after"]
    with pytest.raises(NotAcknowledged):
        creditor.delivery.deliver()
    creditor.outbox.put([kept(4), kept(5)])

    assert creditor.delivery.deliver() == 3  # the third was there


def test_the_broker_is_asked_once_and_not_again_while_all_goes_well(creditor: Creditor) -> None:
    begun = creditor.topic.epoch
    for number in range(3):
        creditor.report(kept(number))

    assert creditor.topic.epoch == begun


def test_a_batch_is_no_larger_than_fits_in_one_transaction(
    creditor: Creditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "TOGETHER", 2)
    sizes: list[int] = []
    store = FakePost.store

    def counted(self: FakePost, batch: Any, stored: Any) -> None:
        held = [*batch]
        sizes.append(len(held))
        store(self, held, stored)

    monkeypatch.setattr(FakePost, "store", counted)

    creditor.report(*(kept(number) for number in range(5)))

    assert sizes == [2, 2, 1]


def test_whoever_delivers_asks_the_broker_before_the_first_signal(creditor: Creditor) -> None:
    creditor.outbox.put([kept(1)])

    assert Delivery(creditor.outbox, FakePost(creditor.topic)).deliver() == 1


def test_an_answer_that_is_lost_between_two_batches_leaves_the_count_whole(
    creditor: Creditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "TOGETHER", 2)
    store = creditor.post.store

    def answered_too_late(batch: Iterable[Waiting], stored: Stored) -> None:
        store(batch, stored)
        creditor.post.sure = False

    monkeypatch.setattr(creditor.post, "store", answered_too_late)
    creditor.outbox.put(map(kept, range(5)))

    assert creditor.delivery.deliver() == 5
    assert len(creditor.stored) == 5


def test_after_a_lost_response_the_broker_is_asked_before_more_is_sent(creditor: Creditor) -> None:
    """The request's first copy may still come: under a new epoch it is refused."""
    creditor.report(kept(1))
    epoch = creditor.topic.epoch

    creditor.post.sure = False
    creditor.report(kept(2), kept(3))

    assert creditor.topic.epoch == epoch + 1
    assert len(creditor.stored) == 3
