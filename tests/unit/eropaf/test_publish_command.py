"""`eropaf publish --watch`: what an operator reads of a file that was dealt with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from eropaf.commands import publish
from eropaf.settings.environment import SettingsError
from eropaf_client.errors import TopicMissing
from eropaf_client.files.filed import Asked
from eropaf_client.files.watched_folder import Answered


class Folder:
    """A watched folder with one file in it."""

    def __init__(self, folder: Path, _: object, __: object, asked: Asked, *given: object) -> None:
        self._folder, self._asked = folder, asked

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def watch(self, say: Callable[[Answered], None], stopped: Callable[[], bool]) -> None:
        say(
            Answered(
                self._folder / "accepted" / "march.csv",
                self._folder / "march.txt",
                3,
                (str(self._asked.encoding),),
            )
        )


def test_the_log_names_the_file_and_what_came_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "WatchedFolder", Folder)
    monkeypatch.setattr(publish.logs, "configure", lambda *_, **__: None)

    with capture_logs() as said:
        publish._watch(tmp_path, "rent", "cp850")

    (answered,) = (line for line in said if line["event"] == "file answered")
    found: dict[str, Any] = {name: answered[name] for name in ("file", "verdict", "signals", "told")}
    assert found == {"file": "march.csv", "verdict": "accepted", "signals": 3, "told": "cp850"}


def test_a_creditor_whose_topic_nobody_reads_is_refused_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Path(__file__).parents[2] / "data" / "files" / "decimal-comma.csv"
    monkeypatch.setenv("EROPAF_CREDITORS", "rent,water")
    monkeypatch.setenv("EROPAF_BOOTSTRAP", "127.0.0.1:1")

    with pytest.raises(SettingsError, match="the signals of old: EROPAF_CREDITORS names rent, water"):
        publish.publish(file, creditor="old")
    with pytest.raises(SettingsError, match="no worker reads the signals of old"):
        publish.publish(watch=tmp_path, creditor="old")

    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_folder_that_names_such_a_creditor_is_refused_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []

    class Given(Folder):
        def __init__(self, folder: Path, *given: Any) -> None:
            super().__init__(folder, *given)
            made.extend(given)

    monkeypatch.setattr(publish, "WatchedFolder", Given)
    monkeypatch.setattr(publish.logs, "configure", lambda *_, **__: None)
    publish._watch(tmp_path, None)

    with pytest.raises(TopicMissing, match="does not name old"):
        made[-1]("old", tmp_path / "outbox.db")
