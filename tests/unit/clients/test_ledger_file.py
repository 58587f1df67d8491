"""A ledger's file: of which kind, whose, what it keeps, and what is said where it cannot be used."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from eropaf_client.errors import (
    Closed,
    InATransaction,
    JournalInUse,
    LedgerDamaged,
    LedgerError,
    LedgerFull,
    LedgerMoved,
)
from eropaf_client.files.watched_folder import FolderJournal
from eropaf_client.journal import Journal, Parked
from eropaf_client.ledger import Identity, kind_of
from eropaf_client.outbox import Outbox

HERE = Identity("cluster-1", "topic-1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.mark.parametrize(
    ("ledger", "kind"), [(Outbox, "outbox"), (Journal, "journal"), (FolderJournal, "folder")]
)
def test_a_file_is_of_one_kind_and_says_which(path: Path, ledger: type, kind: str) -> None:
    ledger(path).close()

    assert kind_of(path) == kind
    (other,) = {Outbox, Journal, FolderJournal} - {ledger, Outbox if ledger is not Outbox else Journal}
    with pytest.raises(LedgerDamaged) as refused:
        other(path)
    assert str(refused.value) == f"{path} is another kind of file ({kind}); name another one"


def test_its_id_and_where_it_belongs_outlast_the_process(path: Path) -> None:
    first = Journal(path)
    first.bind(HERE)
    first.bind(HERE)
    named = first.id
    first.close()

    again = Journal(path)

    assert again.id == named
    assert len(named) == 32
    for other, what in (
        (Identity("cluster-2", "topic-1"), "cluster"),
        (HERE._replace(topic="2"), "topic, recreated since"),
    ):
        with pytest.raises(LedgerMoved) as moved:
            again.bind(other)
        assert str(moved.value) == (
            f"{path} belongs to another {what}. Check the address; if the move is meant, run `eropaf-client "
            f"rebind {path}` once, then start again"
        )
    again.unbind()
    again.bind(Identity("cluster-2", "topic-1"))
    again.close()
    last = Journal(path)
    last.bind(Identity("cluster-2", "topic-1"))
    last.close()


def test_what_is_closed_says_so_by_its_file(path: Path) -> None:
    journal = Journal(path)
    journal.close()
    journal.close()

    with pytest.raises(Closed) as refused:
        journal.positions()

    assert str(refused.value) == f"{path} was closed; make a new one"


def test_a_file_of_a_later_version_is_left_alone(path: Path) -> None:
    Journal(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 2")
    db.close()

    with pytest.raises(LedgerDamaged) as refused:
        Journal(path)

    assert str(refused.value) == f"{path} was written by a later version of eropaf-client; upgrade this one"


def test_what_is_no_ledger_is_refused_by_name(path: Path) -> None:
    path.write_bytes(b"no database " * 100)

    with pytest.raises(LedgerDamaged) as refused:
        Journal(path)
    assert str(refused.value) == (
        f"{path} is not a ledger, or is damaged (file is not a database). Restore a whole copy"
    )
    with pytest.raises(LedgerDamaged) as asked:
        kind_of(path)
    assert str(asked.value) == (
        f"{path} is not an outbox or journal, or is in use. Stop the process that uses it first"
    )


def test_a_folder_that_is_not_there_is_named_with_what_to_check(tmp_path: Path) -> None:
    with pytest.raises(LedgerError) as refused:
        Journal(tmp_path / "none" / "journal.db")

    assert str(refused.value) == (
        f"{tmp_path / 'none' / 'journal.db'} cannot be opened (No such file or directory). Check the folder "
        "and its permissions"
    )


@pytest.mark.parametrize(
    ("said", "kind", "told"),
    [
        ("database is locked", JournalInUse, ": another process has this file; end it first"),
        ("database or disk is full", LedgerFull,
         " cannot be written (database or disk is full). Nothing was changed; make room, then again"),
        ("attempt to write a readonly database", LedgerFull,
         " cannot be written (attempt to write a readonly database). Nothing was changed; make room, then "
         "again"),
        ("disk I/O error", LedgerFull,
         " cannot be written (disk I/O error). Nothing was changed; make room, then again"),
        ("database disk image is malformed", LedgerDamaged,
         " is not a ledger, or is damaged (database disk image is malformed). Restore a whole copy"),
        ("no such table: x", LedgerError, " cannot be used (no such table: x)"),
    ],
)  # fmt: skip
def test_what_sqlite_says_is_told_with_what_to_do(path: Path, said: str, kind: type, told: str) -> None:
    journal = Journal(path)

    error = journal._of(said)

    assert (type(error), str(error)) == (kind, f"{path}{told}")
    journal.close()


def test_a_statement_that_fails_is_our_error_and_a_mistake_in_it_is_not(path: Path) -> None:
    journal = Journal(path)

    with pytest.raises(LedgerError, match="cannot be used \\(no such table: absent\\)"):
        journal.read("SELECT * FROM absent")
    with pytest.raises(sqlite3.ProgrammingError):
        journal.read("SELECT ?")
    journal.db.shut()
    with pytest.raises(Closed) as closed:
        journal.positions()
    assert str(closed.value) == f"{path} was closed"


def test_a_transaction_is_whole_and_holds_no_other(path: Path) -> None:
    journal = Journal(path)

    def twice() -> None:
        with journal.transaction():
            journal.tell("a", 1)
            journal.go_back({})

    with pytest.raises(InATransaction) as refused:
        twice()

    assert str(refused.value) == (
        f"{path}: an update is being handled; what the handler writes is saved together with its "
        "position. Call this after the handler has returned"
    )
    assert journal.told("a") == 0
    with journal.transaction():
        journal.tell("a", 1)
    assert journal.told("a") == 1
    journal.close()


def test_a_journals_positions_and_what_lies_beyond_them(path: Path) -> None:
    journal = Journal(path)

    journal.move(0, 5, 3)
    journal.move(0, 7, 3)
    journal.move(1, 2, 3)
    assert (journal.positions(), journal.done()) == ({1: 3}, {(0, 5), (0, 7)})
    journal.move(0, 4, 6)
    assert (journal.positions(), journal.done()) == ({0: 6, 1: 3}, {(0, 7)})
    journal.move(2, 3, 3)
    assert journal.done() == {(0, 7), (2, 3)}

    journal.tell("a", 4)
    journal.park(Parked("b", 1, b"x", "OSError"))
    journal.go_back({0: 2, 3: 9})
    assert (journal.positions(), journal.done()) == ({0: 2, 1: 3, 3: 9}, set())
    assert (journal.told("a"), journal.is_parked("b")) == (0, True)
    journal.close()
    again = Journal(path)
    assert again.positions() == {0: 2, 1: 3, 3: 9}
    again.unbind()
    assert (again.positions(), again.is_parked("b")) == ({}, True)
    again.close()


def test_what_is_parked_is_given_in_order_and_taken_back_one_by_one(path: Path) -> None:
    journal = Journal(path)
    later, first = Parked("b", 2, b"2", "behind another"), Parked("b", 1, b"1", "OSError")
    other = Parked("a", 9, b"9", "KeyError")
    for each in (later, first, other):
        journal.park(each)

    assert journal.parked() == [other, first, later]
    journal.unpark(first)
    assert journal.parked() == [other, later]
    journal.forget("b")
    assert journal.parked() == [other]
    assert [journal.is_parked(each) for each in "ab"] == [True, False]
    assert repr(other) == "Parked('a', 9, error='KeyError')"
    journal.close()


def test_a_folders_journal_knows_what_is_in_hand_and_what_was_accepted(path: Path) -> None:
    journal = FolderJournal(path)

    assert (journal.accepted_on("d"), journal.in_hand("d")) == (None, False)
    journal.take("d")
    journal.take("d")
    assert (journal.accepted_on("d"), journal.in_hand("d")) == (None, True)
    journal.done("d")
    assert journal.in_hand("d") is False
    assert journal.read("SELECT name, taken_on FROM file") == [(None, journal.accepted_on("d"))]
    journal.close()
