"""What each command of `eropaf-client` opens, with what it was given, and all that it says."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from eropaf_client import command
from eropaf_client.cluster import Cluster
from eropaf_client.contact_slips import Contact
from eropaf_client.files import watched_folder
from eropaf_client.files.filed import Asked
from eropaf_client.files.watched_folder import Answered
from eropaf_client.ledger import Identity
from eropaf_client.outbox import Outbox
from tests.unit.clients.test_command import Outboxes

ROW = "S-{0},C-{0},REPORTED,RENT,1650.00,2026-03-02,1,1011 AB,7\n"
HEADER = "signal_id,contract,kind,partner_type,amount_eur,reported_at,version,postcode,house_number\n"


@pytest.fixture
def at(tmp_path: Path) -> list[str]:
    settings = tmp_path / "kafka.conf"
    settings.write_text("client.id=Zoë\n", "utf-8")
    return ["--bootstrap", "kafka:9092", "--config", str(settings), "--creditor", "rent"]


def opens(opened: list[Any], made: Any) -> Any:
    """Return what stands in for a client: notes what it is opened with, the cluster by its settings."""

    @contextmanager
    def client(*given: Any) -> Iterator[Any]:
        opened.append(
            [(each.bootstrap, each.config) if isinstance(each, Cluster) else each for each in given]
        )
        yield made

    return client


WHERE = ("kafka:9092", {"client.id": "Zoë"})


def test_a_file_is_stored_in_parts_and_every_part_counts(
    tmp_path: Path, at: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outboxes, opened = Outboxes(), list[Any]()
    outboxes.creditor = "rent"
    monkeypatch.setattr(command, "OutboxPublisher", opens(opened, outboxes))
    monkeypatch.setattr(command, "TOGETHER", 2)
    file, outbox = tmp_path / "signals.csv", tmp_path / "sent.db"
    file.write_text(HEADER + "".join(map(ROW.format, range(5))))

    assert command.main(["publish", str(file), "--outbox", str(outbox), *at]) == 0

    assert opened == [[WHERE, "rent", outbox]]
    assert capsys.readouterr().err.splitlines() == [
        "read as commas, point decimals, UTF-8: 5 rows",
        "rent: 5 signals stored, 5 of them new",
    ]


def test_a_file_that_fails_in_its_third_part_says_that_two_are_stored(
    tmp_path: Path, at: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Full(Outboxes):
        def report_all(self, signals: Any) -> int:
            if self.stored.get("rent") == 4:
                raise KeyboardInterrupt
            return super().report_all(signals)

    monkeypatch.setattr(command, "OutboxPublisher", Full().opened)
    monkeypatch.setattr(command, "TOGETHER", 2)
    file = tmp_path / "signals.csv"
    file.write_text(HEADER + "".join(map(ROW.format, range(5))))

    assert command.main(["publish", str(file), *at]) == 130

    assert capsys.readouterr().err.splitlines()[1] == (
        "stored so far, at least: 4 of 5 of rent. Run this again: it sends what is missing, and nothing twice"
    )


def test_a_file_that_is_refused_is_named_with_each_fault(
    tmp_path: Path, at: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "signals.csv"
    file.write_text(HEADER + ROW.format(1) + ROW.format(1))

    assert command.main(["publish", str(file), *at]) == 1

    assert capsys.readouterr().err.splitlines() == [
        "line 3, column 1 (signal_id): is that of line 2 too",
        f"{file}: 1 fault; nothing of it was used",
    ]


def test_a_folder_is_watched_until_it_is_interrupted_and_each_file_is_told(
    tmp_path: Path, at: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = list[Any]()

    class Watched:
        def watch(self, say: Callable[[Answered], None], stopped: Callable[[], bool]) -> None:
            assert stopped() is False
            file = tmp_path / "accepted" / "march.csv"
            say(Answered(file, tmp_path / "receipts" / "march.csv", 3, ("read as commas",)))

    monkeypatch.setattr(watched_folder, "WatchedFolder", opens(opened, Watched()))

    assert command.main(["watch", str(tmp_path), *at]) == 0

    assert opened == [[tmp_path, WHERE, "rent", Asked()]]
    assert capsys.readouterr().err.splitlines() == [
        f"watching {tmp_path}",
        "march.csv: read as commas",
        f"accepted: 3 signals, see {tmp_path / 'receipts' / 'march.csv'}",
    ]


def test_contacts_are_left_one_by_one_and_counted(
    tmp_path: Path, at: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened, left = list[Any](), list[Any]()

    class Slips:
        def leave(self, contract: str, contact: Contact) -> None:
            left.append((contract, contact))

    monkeypatch.setattr(command, "ContactSlips", opens(opened, Slips()))
    file = tmp_path / "contacts.csv"
    file.write_bytes("contract,name,phone\nC-1,Zoë,0612345678\nC-2,,0201234567\n".encode("cp850"))

    given = ["contacts", str(file), "--public-key", "a" * 64, "--encoding", "cp850", *at]
    assert command.main(given) == 0

    assert opened == [[WHERE, "rent", "a" * 64]]
    assert left == [("C-1", Contact("Zoë", "0612345678")), ("C-2", Contact(phone="0201234567"))]
    assert capsys.readouterr().err == "rent: 2 contact slips stored\n"


def test_feedback_is_asked_for_in_time_to_be_stopped(
    at: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = list[Any]()

    class Reader:
        caught_up = False

        def poll(self, wait_s: float) -> list[Any]:
            asked.append(wait_s)
            self.caught_up = len(asked) == 2
            return []

    monkeypatch.setattr(command, "FeedbackReader", opens(asked, Reader()))

    assert command.main(["feedback", *at]) == 0

    assert asked == [[WHERE, "rent"], 1.0]


def test_a_ledger_that_is_unbound_is_said_to_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outbox = Outbox(tmp_path / "outbox.db")
    outbox.bind(Identity("old", "topic"))
    outbox.close()

    assert command.main(["rebind", str(tmp_path / "outbox.db")]) == 0

    assert capsys.readouterr().err == (
        f"{tmp_path / 'outbox.db'} belongs to the cluster that it is used with next\n"
    )


def test_a_reader_that_has_seen_enough_ends_it_in_order(
    tmp_path: Path, at: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`eropaf-client feedback | head`: what Python flushes at its end must find a place."""

    def closed(*_: Any) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(command, "FeedbackReader", closed)
    with (tmp_path / "out").open("w") as out:
        monkeypatch.setattr(sys, "stdout", out)

        assert command.main(["feedback", *at]) == 0

        assert os.fstat(out.fileno()).st_rdev == os.stat(os.devnull).st_rdev
        out.write("more")
