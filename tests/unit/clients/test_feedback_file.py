"""`feedback.csv` in a watched folder. No broker is needed."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eropaf_client.errors import NotPermitted
from eropaf_client.feedback import FeedbackReader
from eropaf_client.files import feedback_file, watched_folder
from eropaf_client.files.feedback_file import HEADER, FeedbackFile
from eropaf_client.files.folders import Folder
from eropaf_client.files.watched_folder import WatchedFolder
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.wire import Codec
from tests.fakes import FakeSource


class Topic:
    """A creditor's feedback, and a clock."""

    def __init__(self) -> None:
        self.source = FakeSource(topic="feedback.rent")
        self.now = 0.0
        self._encode = Codec("CreditorFeedback", "feedback.rent", LocalRegistry()).encode

    def tell(self, signal_id: str, status: str = "PICKED_UP") -> None:
        value: dict[str, Any] = {
            "feedback_id": signal_id, "contract": "C-1", "signal_id": signal_id, "status": status,
            "reason": None, "collection": "PAUSE", "pause_until": 20_544, "at": 1_772_442_000_000,
        }  # fmt: skip
        self.source.write("C-1", self._encode(value))


def line(signal_id: str, status: str = "PICKED_UP") -> str:
    return f"2026-03-02T09:00:00+00:00,{signal_id},C-1,{status},,PAUSE,2026-04-01\n"


@pytest.fixture
def topic(monkeypatch: pytest.MonkeyPatch) -> Topic:
    made = Topic()
    monkeypatch.setattr("eropaf_client.own_topic_reader.KafkaSource", lambda *_: made.source)
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("dropped", "dropped/.eropaf"):
        (tmp_path / name).mkdir()
    return tmp_path / "dropped"


@pytest.fixture
def file(folder: Path, topic: Topic) -> Iterator[FeedbackFile]:
    dropped, own = Folder(folder), Folder(folder / ".eropaf")
    made = FeedbackFile(dropped, own, lambda: FeedbackReader("nowhere", "rent"), lambda: topic.now)
    yield made
    made.close()
    dropped.close()
    own.close()


@pytest.mark.parametrize(("of_the_folder", "of_the_file"), [(0o755, 0o600), (0o777, 0o640), (0o770, 0o640)])
def test_it_is_read_by_its_owner_and_by_who_may_put_files_there(
    file: FeedbackFile, folder: Path, topic: Topic, of_the_folder: int, of_the_file: int
) -> None:
    folder.chmod(of_the_folder)
    topic.tell("S-1")

    file.refresh()

    assert stat.S_IMODE((folder / "feedback.csv").stat().st_mode) == of_the_file
    assert stat.S_IMODE((folder / ".eropaf" / "feedback.part").stat().st_mode) == 0o600


def test_the_file_holds_what_was_told_and_grows_every_five_seconds(
    file: FeedbackFile, folder: Path, topic: Topic
) -> None:
    topic.tell("S-1")
    topic.tell("=HYPERLINK(1)", "NOT_A_RESIDENT")
    file.refresh()
    first = HEADER + line("S-1") + line("'=HYPERLINK(1)", "NOT_A_RESIDENT")
    assert (folder / "feedback.csv").read_text("utf-8") == first

    topic.tell("S-2")
    file.refresh()
    assert (folder / "feedback.csv").read_text("utf-8") == first  # it is not time yet
    topic.now += feedback_file.EVERY_S
    file.refresh()

    assert (folder / "feedback.csv").read_text("utf-8") == first + line("S-2")


def test_a_line_leaves_the_file_within_a_day_of_leaving_the_topic(
    file: FeedbackFile, folder: Path, topic: Topic
) -> None:
    topic.tell("S-1")
    topic.tell("S-2")
    file.refresh()
    topic.source.logs[0][0] = None  # the broker deleted it: it was too old

    topic.now += feedback_file.READ_ANEW_EVERY_S - 1
    topic.tell("S-3")
    file.refresh()
    assert (folder / "feedback.csv").read_text("utf-8") == HEADER + line("S-1") + line("S-2") + line("S-3")
    topic.now += feedback_file.EVERY_S
    file.refresh()

    assert (folder / "feedback.csv").read_text("utf-8") == HEADER + line("S-2") + line("S-3")
    assert topic.source.starts == 2
    assert (folder / ".eropaf" / "feedback.part").read_text("utf-8") == HEADER + line("S-2") + line("S-3")


def test_a_file_is_there_as_soon_as_it_is_known_that_nothing_was_told(
    file: FeedbackFile, folder: Path
) -> None:
    file.refresh()

    assert (folder / "feedback.csv").read_text("utf-8") == HEADER


def test_a_start_that_has_not_read_everything_leaves_the_file_as_it_was(
    file: FeedbackFile, folder: Path, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "feedback.csv").write_text(HEADER + line("S-1") + line("S-2"), "utf-8")
    topic.tell("S-1")
    monkeypatch.setattr(FeedbackReader, "caught_up", False)

    file.refresh()

    assert (folder / "feedback.csv").read_text("utf-8") == HEADER + line("S-1") + line("S-2")


def test_what_goes_wrong_is_logged_and_everything_is_there_a_minute_later(
    file: FeedbackFile, folder: Path, topic: Topic, caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    topic.tell("S-1")
    with monkeypatch.context() as full:

        def no_room(*_: object) -> None:
            raise OSError(28, "No space left on device")

        full.setattr(Folder, "append", no_room)
        file.refresh()
    assert "feedback.csv is not up to date" in caplog.text
    assert not (folder / "feedback.csv").exists()

    topic.now += feedback_file.AGAIN_AFTER_S
    file.refresh()

    assert (folder / "feedback.csv").read_text("utf-8") == HEADER + line("S-1")


def test_a_link_of_that_name_carries_nothing_away(
    file: FeedbackFile, folder: Path, topic: Topic, caplog: pytest.LogCaptureFixture
) -> None:
    (folder.parent / "elsewhere.csv").write_text("mine", "utf-8")
    (folder / "feedback.csv").symlink_to(folder.parent / "elsewhere.csv")
    topic.tell("S-1")

    file.refresh()

    assert (folder.parent / "elsewhere.csv").read_text("utf-8") == "mine"
    assert "not up to date" in caplog.text


def watch_once(folder: Path, creditor: str | None, feedback: Any) -> list[str]:
    """Watch until a file was answered; return the names of what was."""
    answered: list[str] = []

    class Stores:
        def check(self, signal: Any) -> None:
            pass

        def report_all(self, signals: Any) -> int:
            return len([*signals])

        def close(self) -> None:
            pass

    with WatchedFolder(
        folder, "nowhere", creditor, publisher=lambda *_: Stores(), feedback=feedback
    ) as watched:
        watched.watch(lambda each: answered.append(each.file.name), lambda: bool(answered))
    return answered


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched_folder, "SETTLED_S", 0.0)
    monkeypatch.setattr(watched_folder, "FOLDER_CHECKED_EVERY_S", 0.001)


@pytest.mark.usefixtures("quick")
def test_a_watched_folder_keeps_its_own_file_and_picks_up_a_creditors_of_that_name(
    folder: Path, topic: Topic
) -> None:
    topic.tell("S-1")
    (folder / "feedback.csv").write_text("signal_id,contract\nS-1,C-1\n", "utf-8")

    assert watch_once(folder, "rent", None) == ["feedback.csv"]  # refused, with a receipt; not lost
    assert (folder / "refused" / "feedback.csv").exists()
    assert (folder / "feedback.csv").read_text("utf-8") == HEADER + line("S-1")

    (folder / "other.csv").write_text("nonsense", "utf-8")
    assert watch_once(folder, "rent", None) == ["other.csv"]  # and ours stays where it is
    assert (folder / "feedback.csv").exists()


@pytest.mark.usefixtures("quick")
def test_a_creditor_that_may_not_read_its_feedback_can_send_files_all_the_same(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(creditor: str) -> FeedbackReader:
        raise NotPermitted(f"feedback.{creditor} is not permitted")

    (folder / "march.csv").write_text("nonsense", "utf-8")

    assert watch_once(folder, "rent", refused) == ["march.csv"]
    assert "feedback.rent is not permitted" in caplog.text
    assert not (folder / "feedback.csv").exists()
