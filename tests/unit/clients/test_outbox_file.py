"""The file of an outbox: whose it is, who may read it, and what is refused as none."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from pathlib import Path
from shutil import copyfile

import pytest

from eropaf_client.errors import (
    LedgerDamaged,
    LedgerMismatch,
    OutboxInUse,
)
from eropaf_client.ledger import Ledger, kind_of
from eropaf_client.outbox import Outbox, Stored, canonical
from tests.creditor import Creditor, kept


def test_an_older_copy_of_the_file_is_refused_and_loses_nothing(creditor: Creditor, tmp_path: Path) -> None:
    creditor.report(kept(1))
    creditor.outbox.close()
    shutil.copy(creditor.path, tmp_path / "older.db")
    creditor.start()
    creditor.report(kept(2), kept(3))
    creditor.outbox.close()
    shutil.copy(tmp_path / "older.db", creditor.path)

    with pytest.raises(LedgerMismatch, match="older copy"):
        creditor.start()


def test_an_older_copy_that_has_caught_up_by_number_is_refused_too(
    creditor: Creditor, tmp_path: Path
) -> None:
    creditor.report(kept(1))
    creditor.outbox.close()
    shutil.copy(creditor.path, tmp_path / "older.db")
    creditor.start()
    creditor.report(kept(2), kept(3))
    creditor.outbox.close()
    with Outbox(tmp_path / "older.db").db as older:
        for number in (7, 8):  # the same positions, other signals
            older.execute(
                "INSERT INTO signal (signal_id, version, contract, value, digest, put_on) "
                "VALUES (?, 1, 'c', x'00', x'', '2026-03-02')",
                (str(number),),
            )
    older.shut()

    shutil.copy(tmp_path / "older.db", creditor.path)

    with pytest.raises(LedgerMismatch):
        creditor.start()


def test_a_second_process_is_refused_while_the_first_has_the_file(creditor: Creditor) -> None:
    with pytest.raises(OutboxInUse, match="end it first"):
        Outbox(creditor.path)


def test_only_its_owner_may_read_the_file_also_one_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    path.touch(0o644)

    with_log = Outbox(path)
    with_log.put([kept(1)])

    for each in tmp_path.iterdir():
        assert stat.S_IMODE(each.stat().st_mode) == 0o600, each
    with_log.close()


def test_of_a_signal_that_is_stored_no_byte_is_left_in_the_file(creditor: Creditor, tmp_path: Path) -> None:
    secret = b"999990019 lives here"
    creditor.report(kept(1)._replace(value=secret), kept(2))

    assert not holding(secret, tmp_path)


def test_a_process_that_was_killed_before_it_overwrote_a_signal_does_so_at_its_start(
    creditor: Creditor, tmp_path: Path
) -> None:
    secret = b"999990019 lives here"
    creditor.outbox.put([kept(1)._replace(value=secret)])
    creditor.outbox.note(creditor.outbox.marked(creditor.outbox.waiting(1)))
    left = tmp_path / "left"
    left.mkdir()
    for each in creditor.path.parent.glob("*.db*"):
        copyfile(each, left / each.name)
    assert holding(secret, left)

    with Outbox(left / creditor.path.name):
        assert not holding(secret, left)


def holding(secret: bytes, folder: Path) -> list[Path]:
    """Return the files of an open ledger that hold `secret`."""
    return [each for each in folder.iterdir() if each.is_file() and secret in each.read_bytes()]


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"not a database at all" * 100, "damaged"), (None, "later version"), (b"", "another kind")],
)
def test_a_file_that_is_no_outbox_is_refused_with_what_to_do(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "outbox.db"
    if content:
        path.write_bytes(content)
    elif content is None:
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA user_version = 99")
        db.close()
    else:
        Ledger(path, "journal", "").close()

    with pytest.raises(LedgerDamaged, match=said):
        Outbox(path)


def test_what_is_put_is_counted_where_it_is_new(creditor: Creditor) -> None:
    assert creditor.outbox.put([kept(1), kept(2)]) == 2
    assert creditor.outbox.put([kept(2), kept(3), kept(1), kept(4), kept(2)]) == 2
    assert creditor.outbox.put([kept(1)]) == 0
    assert len(creditor.outbox) == 4


def test_a_file_says_of_which_kind_it_is(tmp_path: Path) -> None:
    Outbox(tmp_path / "outbox.db").close()

    assert kind_of(tmp_path / "outbox.db") == "outbox"


def test_what_the_broker_and_the_file_have_of_a_signal_stays_as_it_is(creditor: Creditor) -> None:
    """Another mark or digest would be another outbox, or other content, to what earlier versions stored."""
    outbox = creditor.outbox
    outbox.id = "0123456789abcdef"
    outbox.put(
        [kept(1), kept(2)._replace(content=canonical({"b": 1, "a": {"c": None, "d": False, "e": "\ud800"}}))]
    )

    assert outbox.marked(outbox.waiting(9)) == Stored(2, "15c6e1ce931aed207d4541d2ab2947c6")
    digests = [row[0].hex() for row in outbox.read("SELECT digest FROM signal ORDER BY position")]
    assert digests == ["827e0025c917bfbee2206f09e3cccd07", "66c09237accc4b74a7e37206053f61c4"]
    outbox.check(
        kept(2)._replace(content=canonical({"a": {"e": "\ud800"}, "b": 1}))
    )  # the same, said in another order
