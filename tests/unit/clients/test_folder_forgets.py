"""What a watched folder keeps of the files that it sent: no name, and nothing for ever."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta
from pathlib import Path

import pytest

from eropaf_client.files import watched_folder
from eropaf_client.files.watched_folder import WatchedFolder
from eropaf_client.outbox import REMEMBERED_DAYS
from tests.unit.clients.test_watched_folder import HEADER, Creditors, everything, line, unanswered


def test_nothing_is_kept_of_a_files_name_nor_of_its_content_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched_folder, "SETTLED_S", 0.0)
    folder, creditors = tmp_path / "dropped", Creditors()
    folder.mkdir()
    (folder / ".eropaf").mkdir(mode=0o700)
    before = sqlite3.connect(folder / ".eropaf" / "journal.db")
    before.execute("CREATE TABLE file (sha256 TEXT PRIMARY KEY, name TEXT, taken_on TEXT, done INTEGER)")
    before.execute(
        "INSERT INTO file VALUES ('of an earlier version', 'mevrouw-voorbeeld.csv', '2026-01-01', 1)"
    )
    before.commit()
    before.close()
    content = HEADER + line(1)
    with WatchedFolder(folder, "nowhere", "rent", publisher=creditors.make, feedback=unanswered) as made:
        (folder / "meneer-voorbeeld.csv").write_text(content)
        assert [each.stored for each in everything(made)] == [1]
        (folder / "again.csv").write_text(content)
        assert [each.stored for each in everything(made)] == [0]
        made._journal.forget_old(date.today() + timedelta(days=REMEMBERED_DAYS + 1))
        (folder / "years-later.csv").write_text(content)
        assert [each.stored for each in everything(made)] == [1]

    kept = b"".join(each.read_bytes() for each in (folder / ".eropaf").glob("journal.db*"))
    assert b"voorbeeld" not in kept
