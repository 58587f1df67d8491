"""A watched folder and the files that people put into it. No broker is needed."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from eropaf_client.errors import BrokerUnreachable, LedgerError, NotAcknowledged, OutboxInUse, TopicMissing
from eropaf_client.feedback import FeedbackReader
from eropaf_client.files import reading, watched_folder
from eropaf_client.files.filed import Asked
from eropaf_client.files.watched_folder import Answered, WatchedFolder
from eropaf_client.outbox import Kept, Outbox, canonical
from eropaf_client.publisher import encoded
from eropaf_client.records import ArrearsSignal
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.wire import Codec

HEADER = (
    "signal_id,contract,kind,partner_type,amount_eur,reported_at,version,postcode,house_number,addition\n"
)
ENCODE = Codec("ArrearsSignal", "arrears.rent", LocalRegistry()).encode


def line(number: int, addition: str = "") -> str:
    return f"S-{number},C-{number},REPORTED,RENT,1650.00,2026-03-02,1,1011 AB,7,{addition}\n"


class Creditors:
    """What the folder publishes through: signals by creditor, and faults on demand."""

    def __init__(self) -> None:
        self.stored: dict[str, list[str]] = {}
        self.fails: list[Exception] = []

    def make(self, creditor: str, outbox: Path) -> Creditors:
        if creditor not in ("rent", "health"):
            raise TopicMissing(f"no topic arrears.{creditor}")
        made = Creditors()
        made.stored, made.fails, made.creditor = self.stored, self.fails, creditor
        return made

    creditor = ""

    def check(self, signal: ArrearsSignal) -> None:
        encoded(signal, ENCODE)

    def report_all(self, signals: Iterable[ArrearsSignal]) -> int:
        ids = [each.signal_id for each in signals]
        if self.fails:
            raise self.fails.pop(0)
        self.stored.setdefault(self.creditor, []).extend(ids)
        return len(ids)

    def close(self) -> None:
        pass


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(watched_folder, "SETTLED_S", 0.0)
    monkeypatch.setattr(watched_folder, "FOLDER_CHECKED_EVERY_S", 0.001)
    (tmp_path / "dropped").mkdir()
    return tmp_path / "dropped"


@pytest.fixture
def creditors() -> Creditors:
    return Creditors()


def unanswered(creditor: str) -> FeedbackReader:
    raise BrokerUnreachable(f"nobody answers {creditor}")


@pytest.fixture
def watched(folder: Path, creditors: Creditors) -> Iterator[WatchedFolder]:
    made = WatchedFolder(folder, "nowhere", "rent", publisher=creditors.make, feedback=unanswered)
    with made:
        yield made


def everything(watched: WatchedFolder) -> list[Answered]:
    """Look until nothing is left."""
    found: list[Answered] = []
    while answers := watched.look():
        found += answers
    return found


def receipt(answered: Answered) -> str:
    return answered.receipt.read_text("utf-8")


Trick = Callable[[Path], object]

TRICKS: dict[str, Trick] = {
    "an addition of 70 kB": lambda folder: (folder / "a.csv").write_text(HEADER + line(9, "x" * 70_000)),
    "separators of 70 kB": lambda folder: (folder / "a.csv").write_text(HEADER + line(9, "-" * 70_000)),
    "a name in Latin-1": lambda folder: (folder / os.fsdecode(b"caf\xe9.csv")).write_text(HEADER + "x"),
    "a name of 250 characters": lambda folder: (folder / f"{'a' * 246}.csv").write_text(HEADER + "x"),
    "half a character": lambda folder: (folder / "a.json").write_text(
        json.dumps({"codeGegevensleverancier": "\ud800"})
    ),
    "no bytes": lambda folder: (folder / "a.xlsx").touch(),
}


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS)
def test_a_file_with_a_fault_of_its_own_is_refused_and_the_next_is_published(
    watched: WatchedFolder, folder: Path, creditors: Creditors, trick: Trick
) -> None:
    trick(folder)
    (folder / "good.csv").write_text(HEADER + line(1))

    answers = {each.file.name: each for each in everything(watched)}

    assert creditors.stored == {"rent": ["S-1"]}
    (other,) = set(answers) - {"good.csv"}
    assert answers[other].file.parent.name == "refused"
    assert "nothing was sent" in receipt(answers[other])
    assert answers[other].file.exists()


def test_a_file_with_a_name_of_250_characters_is_accepted_with_a_receipt_beside_it(
    watched: WatchedFolder, folder: Path, creditors: Creditors
) -> None:
    (folder / f"{'é' * 123}.csv").write_text(HEADER + line(1))

    (answered,) = everything(watched)

    assert answered.file.exists()
    assert "S-1,accepted" in receipt(answered)
    assert creditors.stored == {"rent": ["S-1"]}


def test_a_ddas_file_that_names_a_creditor_without_a_topic_is_refused_as_a_whole(
    folder: Path, creditors: Creditors
) -> None:
    text = (Path(__file__).parents[2] / "data" / "ddas-example.json").read_text("utf-8")
    (folder / "march.json").write_text(text.replace("0344", "0363"))

    with WatchedFolder(
        folder, "nowhere", None, asked=Asked(test_numbers=True), publisher=creditors.make
    ) as watched:
        (answered,) = everything(watched)

    assert answered.file.parent.name == "refused"
    assert "whose signals are not taken here (topic-missing)" in receipt(answered)
    assert creditors.stored == {}


def test_a_receipt_says_how_the_file_was_read_and_what_of_it_was_left_out(
    folder: Path, creditors: Creditors
) -> None:
    content = json.loads((Path(__file__).parents[2] / "data" / "ddas-example.json").read_text("utf-8"))
    signals = [each for delivery in content["leveringen"] for each in delivery["vroegsignalen"]]
    for number, each in enumerate(signals):
        each["status"] = "Nog niet opgepakt" if number == 0 else "Opgepakt"
        each["client"] = {"postcode": "1011AB", "huisnummer": "3"}
    for delivery in content["leveringen"]:
        delivery["gemeentecode"] = "0363"
    (folder / "march.json").write_text(json.dumps(content))

    with WatchedFolder(folder, "nowhere", "rent", publisher=creditors.make) as watched:
        (answered,) = everything(watched)

    assert answered.told[0].startswith("read as DDAS 1.2: 4 signals in")
    assert answered.told[1] == "left out 3 signals with status Opgepakt"
    assert receipt(answered).splitlines()[2:] == [f"file,,note,{each}" for each in answered.told]


def test_a_file_that_may_not_be_read_is_refused_and_says_so(
    watched: WatchedFolder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "march.csv").write_text(HEADER + line(1))

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(reading, "_read", refuse)

    (answered,) = everything(watched)

    assert "cannot be read (Permission denied)" in receipt(answered)


def test_a_file_that_goes_while_it_is_looked_at_holds_nobody_up(
    watched: WatchedFolder, folder: Path, creditors: Creditors, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.csv").write_text(HEADER + line(1))
    (folder / "b.csv").write_text(HEADER + line(2))
    digest = watched_folder._digest

    def gone(path: Path) -> str:
        if path.name == "a.csv":
            path.unlink()
        return digest(path)

    monkeypatch.setattr(watched_folder, "_digest", gone)

    assert [each.file.name for each in everything(watched)] == ["b.csv"]
    assert creditors.stored == {"rent": ["S-2"]}


@pytest.mark.parametrize("name", ["refused", "accepted", ".eropaf"])
def test_a_folder_of_ours_that_is_a_link_is_refused_at_the_start(
    folder: Path, creditors: Creditors, name: str
) -> None:
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir()
    (folder / name).symlink_to(elsewhere)

    with pytest.raises(LedgerError, match=f"{name} is not a usable folder"):
        WatchedFolder(folder, "nowhere", "rent", publisher=creditors.make)


def test_a_folder_that_becomes_a_link_later_carries_nothing_away(
    watched: WatchedFolder, folder: Path
) -> None:
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir()
    (folder / "refused").rename(folder / "was-refused")
    (folder / "refused").symlink_to(elsewhere)
    (folder / "march.csv").write_text("nonsense")

    everything(watched)

    assert list(elsewhere.iterdir()) == []
    assert (folder / "was-refused" / "march.csv").exists()


def test_a_file_of_the_same_name_does_not_take_the_place_of_the_one_in_hand(
    watched: WatchedFolder, folder: Path, creditors: Creditors
) -> None:
    creditors.fails = [NotAcknowledged("away")]
    (folder / "march.csv").write_text(HEADER + line(1))
    with pytest.raises(NotAcknowledged):
        watched.look()
    (folder / "march.csv").write_text(HEADER + line(2))

    names = [each.file.name for each in everything(watched)]

    assert names == ["march.csv", "march-2.csv"]
    assert creditors.stored == {"rent": ["S-1", "S-2"]}


def test_while_the_broker_is_away_the_watch_goes_on_and_publishes_when_it_is_back(
    watched: WatchedFolder, folder: Path, creditors: Creditors
) -> None:
    creditors.fails += [NotAcknowledged("away"), BrokerUnreachable("away")]
    (folder / "march.csv").write_text(HEADER + line(1))
    found: list[Answered] = []

    watched.watch(found.append, lambda: bool(found))

    assert creditors.stored == {"rent": ["S-1"]}


class Outboxes(Creditors):
    """The same over real outboxes, so that what was reported before is known."""

    def make(self, creditor: str, outbox: Path) -> Outboxes:
        made = Outboxes()
        made.stored, made.fails, made.creditor = self.stored, self.fails, creditor
        made.outbox = Outbox(outbox)
        return made

    outbox: Outbox

    def check(self, signal: ArrearsSignal) -> None:
        self.outbox.check(kept(signal))

    def report_all(self, signals: Iterable[ArrearsSignal]) -> int:
        signals = [*signals]
        self.outbox.put(map(kept, signals))
        return super().report_all(signals)

    def close(self) -> None:
        self.outbox.close()


def kept(signal: ArrearsSignal) -> Kept:
    return Kept(signal.signal_id, signal.version, signal.contract, b"x", canonical(signal.to_record()))


def test_a_correction_without_a_version_is_refused_and_the_next_file_is_sent(folder: Path) -> None:
    creditors = Outboxes()
    with WatchedFolder(folder, "nowhere", "rent", publisher=creditors.make) as watched:
        (folder / "a.csv").write_text(HEADER + line(1))
        everything(watched)
        (folder / "b.csv").write_text(HEADER + line(2) + line(1).replace("1650.00", "1700.00"))
        (folder / "c.csv").write_text(HEADER + line(3))

        answers = {each.file.name: each for each in everything(watched)}

    assert answers["b.csv"].file.parent.name == "refused"
    assert "line 3,,refused,version: signal S-1 was reported under version 1 with other content" in receipt(
        answers["b.csv"]
    )
    assert "nothing was sent" in receipt(answers["b.csv"])
    assert creditors.stored == {"rent": ["S-1", "S-3"]}


@pytest.mark.parametrize("refused", [errno.EPERM, errno.EACCES, errno.EBUSY])
def test_a_file_that_cannot_be_picked_up_is_left_and_the_next_is_sent(
    watched: WatchedFolder, folder: Path, creditors: Creditors, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture, refused: int,
) -> None:  # fmt: skip
    rename = os.rename

    def sticky(name: str, *others: Any, **where: Any) -> None:
        if name == "theirs.csv":
            raise OSError(refused, os.strerror(refused))
        rename(name, *others, **where)

    monkeypatch.setattr(os, "rename", sticky)
    (folder / "theirs.csv").write_text(HEADER + line(1))
    (folder / "ours.csv").write_text(HEADER + line(2))

    everything(watched)
    everything(watched)

    assert creditors.stored == {"rent": ["S-2"]}
    assert (folder / "theirs.csv").exists()
    assert [each.getMessage().count("theirs.csv") for each in caplog.records] == [1]


@pytest.mark.parametrize("full", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
@pytest.mark.parametrize("call", ["open", "rename", "fsync"])
def test_while_the_disk_is_full_the_watch_waits_and_goes_on_when_there_is_room(
    watched: WatchedFolder, folder: Path, monkeypatch: pytest.MonkeyPatch, full: int, call: str
) -> None:
    real, left = getattr(os, call), [True, True]

    def fails(*args: Any, **named: Any) -> Any:
        writes = call != "open" or (len(args) > 1 and args[1] & os.O_CREAT and "dir_fd" in named)
        if writes and left and left.pop():
            raise OSError(full, os.strerror(full))
        return real(*args, **named)

    (folder / "nonsense.csv").write_text("nonsense")
    monkeypatch.setattr(os, call, fails)
    found: list[Answered] = []

    watched.watch(found.append, lambda: bool(found))

    assert left == []
    assert found[0].receipt.exists()


def test_a_file_that_was_begun_and_is_refused_now_may_be_stored_in_part(
    watched: WatchedFolder, folder: Path
) -> None:
    """A stricter version finds what the one before it had taken, and was killed over."""
    taken = folder / ".eropaf" / "taken" / "a.csv"
    taken.write_text("no,header\n")
    watched._journal.take(watched_folder._digest(taken))

    (answered,) = watched.look()

    assert "a part may be stored" in answered.receipt.read_text("utf-8")


def test_a_folder_of_ours_that_was_deleted_ends_the_watch_and_files_stay(
    watched: WatchedFolder, folder: Path
) -> None:
    """A new start makes it anew; a watch that went on would take nothing for ever, and look healthy."""
    (folder / ".eropaf" / "taken").rmdir()
    (folder / "a.csv").write_text(HEADER + line(1))

    with pytest.raises(LedgerError, match="create it again and restart"):
        watched.look()

    assert (folder / "a.csv").exists()


def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path: Path, creditors: Creditors) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(LedgerError, match="cannot be created"):
        WatchedFolder(tmp_path / "file" / "folder", "nowhere", "rent", publisher=creditors.make)


def test_one_process_watches_a_folder(watched: WatchedFolder, folder: Path, creditors: Creditors) -> None:
    with pytest.raises(OutboxInUse):
        WatchedFolder(folder, "nowhere", "rent", publisher=creditors.make)
