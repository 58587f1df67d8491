"""What a handler writes in the journal's own database: saved with the position, or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from eropaf_client.errors import InATransaction, LedgerFull
from tests.tool import Tool

IDIOMS: dict[str, Callable[[Any], None]] = {}


def idiom(write: Callable[[Any], None]) -> Callable[[Any], None]:
    IDIOMS[write.__name__] = write
    return write


@idiom
def with_the_connection(db: Any) -> None:
    with db:
        db.execute("INSERT INTO seen VALUES ('x')")


@idiom
def with_commit(db: Any) -> None:
    db.execute("INSERT INTO seen VALUES ('x')")
    db.commit()


@idiom
def with_a_script(db: Any) -> None:
    db.executescript("INSERT INTO seen VALUES ('x'); SELECT 1;")


@idiom
def with_a_cursor(db: Any) -> None:
    db.cursor().execute("INSERT INTO seen VALUES ('x')")
    db.close()


@pytest.mark.parametrize("name", IDIOMS)
def test_a_handlers_write_is_saved_with_the_position_or_not_however_it_commits(tool: Tool, name: str) -> None:
    tool.tell("a 1")
    tool.start()
    received = tool.inbox.take(0)
    assert received is not None
    for _ in range(3):
        with suppress(OSError), tool.inbox.completing(received):
            IDIOMS[name](tool.db)
            raise OSError
    assert tool.seen == []

    with tool.inbox.completing(received):
        IDIOMS[name](tool.db)

    assert tool.seen == ["x"]
    tool.kill()
    assert tool.start().seen == ["x"]
    assert tool.everything() == []


@pytest.mark.parametrize("sql", ["COMMIT", "END", "ROLLBACK", "BEGIN"])
def test_a_handler_cannot_end_our_transaction_by_its_own_sql(tool: Tool, sql: str) -> None:
    tool.tell("a 1")
    tool.start()
    received = tool.inbox.take(0)
    assert received is not None

    with pytest.raises(sqlite3.DatabaseError, match="not authorized"), tool.inbox.completing(received):
        tool.db.cursor().execute(sql)

    assert tool.everything() == []  # still in hand
    tool.inbox.complete(received)


def test_a_block_that_fails_inside_a_handler_takes_back_its_own_writes_alone(tool: Tool) -> None:
    tool.tell("a 1")
    tool.start()
    received = tool.inbox.take(0)
    assert received is not None

    with tool.inbox.completing(received):
        tool.db.execute("INSERT INTO seen VALUES ('kept')")
        with suppress(KeyError), tool.db:
            tool.db.execute("INSERT INTO seen VALUES ('taken back')")
            raise KeyError

    assert tool.seen == ["kept"]


def test_rollback_inside_a_handler_goes_back_to_where_it_began(tool: Tool) -> None:
    tool.tell("a 1")
    tool.start()
    received = tool.inbox.take(0)
    assert received is not None

    with tool.inbox.completing(received):
        tool.db.execute("INSERT INTO seen VALUES ('taken back')")
        tool.db.rollback()
        tool.db.execute("INSERT INTO seen VALUES ('kept')")

    assert tool.seen == ["kept"]


def test_a_transaction_inside_a_handlers_is_refused_and_takes_nothing_back(tool: Tool) -> None:
    tool.tell("a 1")
    tool.start()
    received = tool.inbox.take(0)
    assert received is not None
    assert tool.journal is not None

    with tool.inbox.completing(received):
        tool.db.execute("INSERT INTO seen VALUES ('x')")
        with pytest.raises(InATransaction, match="after the handler has returned"):
            tool.journal.unbind()

    assert tool.seen == ["x"]
    assert tool.everything() == []


def test_a_disk_that_fills_while_a_handler_writes_moves_no_position(tool: Tool) -> None:
    tool.tell("a 1")
    tool.start()
    received = tool.inbox.take(0)
    assert received is not None
    pages = tool.db.execute("PRAGMA page_count").fetchone()[0]
    tool.db.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(LedgerFull), tool.inbox.completing(received), suppress(sqlite3.OperationalError):
        tool.db.execute("INSERT INTO seen VALUES (?)", ("x" * 1_000_000,))  # and the handler says nothing

    tool.db.execute("PRAGMA max_page_count = 100000")
    tool.kill()
    assert tool.start().everything() == ["a 1"]
