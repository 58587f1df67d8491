"""A connection that a handler shares with us: its idioms keep their meaning, none ends our transaction."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from eropaf_client.guarded import Guarded, opened


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Guarded]:
    made = opened(tmp_path / "journal.db")
    made.execute("CREATE TABLE seen (what TEXT)")
    yield made
    made.shut()


def seen(db: Guarded) -> str:
    return "".join(row[0] for row in db.execute("SELECT what FROM seen ORDER BY rowid"))


def see(db: Guarded, what: str) -> None:
    db.execute("INSERT INTO seen VALUES (?)", (what,))


def see_and_fail(db: Guarded, what: str) -> None:
    with db:
        see(db, what)
        raise KeyError


def test_outside_a_handler_it_is_a_connection_like_any_other(db: Guarded) -> None:
    with db:
        db.execute("BEGIN")
        see(db, "a")
    db.execute("BEGIN")
    with pytest.raises(KeyError):
        see_and_fail(db, "b")
    db.executescript("BEGIN; INSERT INTO seen VALUES ('c'); COMMIT;")
    db.execute("BEGIN")
    see(db, "d")
    db.rollback()
    db.execute("BEGIN")
    see(db, "e")
    db.commit()
    assert not db.in_transaction

    assert seen(db) == "ace"
    db.close()
    with pytest.raises(sqlite3.ProgrammingError):
        seen(db)


def test_a_handler_can_neither_begin_nor_end_our_transaction(db: Guarded) -> None:
    db.begin()
    with db.guarded():
        see(db, "a")
        for statement in ("COMMIT", "ROLLBACK", "BEGIN", "END"):
            with pytest.raises(sqlite3.DatabaseError, match="not authorized"):
                db.execute(statement)
        db.commit()
        db.close()
        assert db.in_transaction
    db.undo()

    assert seen(db) == ""


def test_a_handlers_rollback_takes_back_its_own_writes_alone(db: Guarded) -> None:
    db.begin()
    see(db, "a")
    with db.guarded():
        see(db, "b")
        db.rollback()
        see(db, "c")
    db.end()

    assert seen(db) == "ac"


def test_a_handlers_blocks_are_kept_or_taken_back_one_within_the_other(db: Guarded) -> None:
    db.begin()
    with db.guarded():
        with db:
            see(db, "a")
            with pytest.raises(KeyError):
                see_and_fail(db, "b")
            with db:
                see(db, "c")
        with suppress(KeyError), db:
            see(db, "d")
            with db:
                see(db, "e")
            raise KeyError
        with db:
            see(db, "f")
    db.end()

    assert seen(db) == "acf"


def test_a_handlers_script_is_run_statement_by_statement(db: Guarded) -> None:
    db.begin()
    with db.guarded():
        db.executescript("INSERT INTO seen VALUES ('a;b'); INSERT INTO seen VALUES ('c') ; \n")
        db.executescript(
            "CREATE TRIGGER t AFTER DELETE ON seen "
            "BEGIN INSERT INTO seen VALUES ('x'); INSERT INTO seen VALUES ('y'); END; "
            "DELETE FROM seen WHERE what = 'c'"
        )
        assert db.executescript("").fetchall() == []
    db.end()

    assert seen(db) == "a;bxy"


def test_what_an_interrupt_left_open_is_rolled_back_before_the_next_begins(db: Guarded) -> None:
    db.begin()
    with suppress(KeyboardInterrupt), db.guarded(), db:
        see(db, "a")
        raise KeyboardInterrupt
    db.begin()
    see(db, "b")
    db.end()
    with db:
        see(db, "c")

    assert seen(db) == "bc"
    assert not db.in_transaction


def test_any_thread_may_use_it_one_at_a_time(db: Guarded) -> None:
    thread = threading.Thread(target=see, args=(db, "a"))
    thread.start()
    thread.join()

    assert seen(db) == "a"
