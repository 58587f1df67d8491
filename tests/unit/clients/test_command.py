"""`eropaf-client`: for creditors without a program of their own. No broker is needed."""

from __future__ import annotations

import json
import signal
import tomllib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

import eropaf_client
from eropaf_client import command, errors
from eropaf_client.cluster import Cluster
from eropaf_client.errors import ClientError, Fault, InvalidSignal, NotAcknowledged, TopicMissing
from eropaf_client.feedback import FeedbackReader
from eropaf_client.files import watched_folder
from eropaf_client.files.filed import Asked
from eropaf_client.files.watched_folder import Answered, FolderJournal
from eropaf_client.journal import Journal
from eropaf_client.ledger import Identity
from eropaf_client.outbox import Outbox
from eropaf_client.records import ArrearsSignal
from eropaf_client.schemas.errors import SchemaError
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.wire import Codec
from tests.fakes import FakeSource

REPO = Path(__file__).parents[3]
NOWHERE = ["--bootstrap", "127.0.0.1:1"]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> FakeSource:
    source = FakeSource(topic="feedback.rent")
    codec = Codec("CreditorFeedback", "feedback.rent", LocalRegistry())
    value = {
        "feedback_id": "f-1", "contract": "C-1", "signal_id": "S-1", "status": "PICKED_UP", "reason": None,
        "collection": "PAUSE", "pause_until": 20_544, "at": 1_772_442_000_000,
    }  # fmt: skip
    source.write("C-1", codec.encode(value))
    source.write("C-1", b"\x07not ours")
    source.write("C-2", codec.encode({**value, "signal_id": "S-2", "pause_until": None}))
    monkeypatch.setattr("eropaf_client.own_topic_reader.KafkaSource", lambda *_, **__: source)
    return source


def test_feedback_is_written_as_csv_and_what_cannot_be_read_is_passed_over(
    told: FakeSource, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["feedback", "--creditor", "rent", *NOWHERE]) == 0

    assert capsys.readouterr().out == (
        "at,signal_id,contract,status,reason,collection,pause_until\n"
        "2026-03-02T09:00:00+00:00,S-1,C-1,PICKED_UP,,PAUSE,2026-04-01\n"
        "2026-03-02T09:00:00+00:00,S-2,C-1,PICKED_UP,,PAUSE,\n"
    )


def test_answers_that_stop_coming_are_a_matter_of_trying_again_later(
    told: FakeSource, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A leader that is gone while they are read: `eropaf-client feedback` waited for it without end."""
    seconds = count()
    monkeypatch.setattr("eropaf_client.source.time", SimpleNamespace(monotonic=lambda: next(seconds)))
    monkeypatch.setattr(told, "poll", lambda wait_s: [])

    assert command.main(["feedback", "--creditor", "rent", *NOWHERE]) == command.LATER

    assert "127.0.0.1:1 stopped answering: the answers were not read to the end" in capsys.readouterr().err


def test_a_reader_of_feedback_counts_what_cannot_be_read(told: FakeSource) -> None:
    with FeedbackReader("nowhere", "rent") as reader:
        assert [each.signal_id for each in reader.poll(0)] == ["S-1", "S-2"]
        assert reader.asides.total == 1
        assert reader.caught_up


def test_a_ledger_that_was_bound_is_rebound_whatever_its_kind(tmp_path: Path) -> None:
    for kind in (Outbox, Journal):
        path = tmp_path / f"{kind.__name__}.db"
        ledger = kind(path)
        ledger.bind(Identity("old", "topic"))
        ledger.close()

        assert command.main(["rebind", str(path)]) == 0

        again = kind(path)
        again.bind(Identity("new", "topic"))
        again.close()


def test_a_folders_journal_belongs_to_no_cluster_and_says_what_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    FolderJournal(tmp_path / "journal.db").close()

    assert command.main(["rebind", str(tmp_path / "journal.db")]) == command.FAILED

    assert "Rebind the outboxes next to it (outbox-*.db)" in capsys.readouterr().err


def test_what_is_no_ledger_is_said_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.db").write_text("no database")

    assert command.main(["rebind", str(tmp_path / "x.db")]) == command.FAILED

    assert "is not an outbox or journal" in capsys.readouterr().err


def test_a_broker_that_is_away_is_a_matter_of_trying_again_later(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise NotAcknowledged("nobody answered")

    monkeypatch.setattr(command, "OutboxPublisher", away)
    file = tmp_path / "signals.csv"
    file.write_text(
        "signal_id,contract,kind,partner_type,amount_eur,reported_at,version,postcode,house_number\n"
        "S-1,C-1,REPORTED,RENT,1650.00,2026-03-02,1,1011 AB,7\n"
    )

    assert command.main(["publish", str(file), "--creditor", "rent", *NOWHERE]) == command.LATER

    assert capsys.readouterr().err.splitlines() == [
        "read as commas, point decimals, UTF-8: 1 row",
        "nobody answered",
    ]


class Outboxes:
    """Stands in for `OutboxPublisher`: what each creditor stored, and who fails at which step."""

    def __init__(self, **fails: ClientError) -> None:
        self.fails = fails
        self.stored: dict[str, int] = {}
        self.files: dict[str, str] = {}

    @contextmanager
    def opened(self, where: Cluster, creditor: str, path: Path) -> Iterator[Outboxes]:
        if error := self.fails.get(f"open_{creditor}"):
            raise error
        made = type(self)(**self.fails)
        made.stored, made.creditor = self.stored, creditor
        self.files[creditor] = path.name
        yield made

    creditor = ""

    def check(self, signal: ArrearsSignal) -> None:
        if error := self.fails.get(f"check_{signal.signal_id}"):
            raise error

    def report_all(self, signals: Iterable[ArrearsSignal]) -> int:
        if error := self.fails.get(self.creditor):
            raise error
        new = len([*signals])
        self.stored[self.creditor] = self.stored.get(self.creditor, 0) + new
        return new


@pytest.fixture
def of_two(tmp_path: Path) -> Path:
    """Write a file of the national model with signals of rent and energy."""
    content = json.loads((REPO / "docs" / "reference" / "ddas-example.json").read_text("utf-8"))
    content["leveringen"] = [each for each in content["leveringen"] if each["gemeentecode"] == "0363"]
    (delivery,) = content["leveringen"]
    for each in delivery["vroegsignalen"]:  # none by BSN: those of examples are nobody's
        each["client"] = {"postcode": "1011AB", "huisnummer": "3"}
    path = tmp_path / "month.json"
    path.write_text(json.dumps(content), "utf-8")
    return path


def test_a_file_of_two_creditors_that_stops_half_way_says_what_is_stored(
    of_two: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    outboxes = Outboxes(energy=NotAcknowledged("nobody answered"))
    monkeypatch.setattr(command, "OutboxPublisher", outboxes.opened)

    assert command.main(["publish", str(of_two), *NOWHERE]) == command.LATER

    assert capsys.readouterr().err.splitlines()[-3:] == [
        "rent: 1 signals stored, 1 of them new",
        "stored so far, at least: 1 of 1 of rent, 0 of 1 of energy. "
        "Run this again: it sends what is missing, and nothing twice",
        "nobody answered",
    ]
    assert outboxes.files == {"rent": ".month.json.outbox-rent", "energy": ".month.json.outbox-energy"}


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"]
)
def test_publishing_that_is_interrupted_fails_and_says_what_is_stored(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    status: int,
) -> None:
    class Interrupted(Outboxes):
        def report_all(self, signals: Iterable[ArrearsSignal]) -> int:
            if self.stored:
                signal.raise_signal(number)
            return super().report_all(signals)

    outboxes, before = Interrupted(), signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(command, "OutboxPublisher", outboxes.opened)
    monkeypatch.setattr(command, "TOGETHER", 2)
    file = tmp_path / "signals.csv"
    row = "S-{0},C-{0},REPORTED,RENT,1650.00,2026-03-02,1,1011 AB,7\n"
    file.write_text(
        "signal_id,contract,kind,partner_type,amount_eur,reported_at,version,postcode,house_number\n"
        + "".join(map(row.format, range(5)))
    )

    assert command.main(["publish", str(file), "--creditor", "rent", *NOWHERE]) == status

    assert capsys.readouterr().err.splitlines()[-2:] == [
        "stored so far, at least: 2 of 5 of rent. "
        "Run this again: it sends what is missing, and nothing twice",
        "interrupted",
    ]
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.parametrize(
    ("more", "status"), [([], 143), (["--follow"], 0)], ids=["up to the end", "until Ctrl-C"]
)
def test_only_what_runs_until_it_is_interrupted_is_done_then(
    told: FakeSource, monkeypatch: pytest.MonkeyPatch, more: list[str], status: int
) -> None:
    monkeypatch.setattr(told, "poll", lambda wait_s: signal.raise_signal(signal.SIGTERM))

    assert command.main(["feedback", "--creditor", "rent", *more, *NOWHERE]) == status


def test_of_a_file_that_names_a_creditor_without_a_topic_nothing_is_stored(
    of_two: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    outboxes = Outboxes(open_energy=TopicMissing("no topic arrears.energy"))
    monkeypatch.setattr(command, "OutboxPublisher", outboxes.opened)

    assert command.main(["publish", str(of_two), *NOWHERE]) == command.FAILED

    assert outboxes.stored == {}
    assert capsys.readouterr().err.splitlines()[-1] == "no topic arrears.energy"


def test_of_a_file_that_contradicts_what_was_sent_nothing_is_stored(
    of_two: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    signals = json.loads(of_two.read_text("utf-8"))["leveringen"][0]["vroegsignalen"]
    contradiction = InvalidSignal([Fault("version", "changed-without-version", "was reported")])
    outboxes = Outboxes(**{f"check_{signals[-1]['ID']}": contradiction})
    monkeypatch.setattr(command, "OutboxPublisher", outboxes.opened)

    assert command.main(["publish", str(of_two), *NOWHERE]) == command.FAILED

    assert outboxes.stored == {}
    assert (
        f"leveringen[0].vroegsignalen[{len(signals) - 1}]: version: was reported" in capsys.readouterr().err
    )


def test_what_a_file_leaves_open_can_be_said(
    of_two: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    outboxes = Outboxes()
    monkeypatch.setattr(command, "OutboxPublisher", outboxes.opened)
    content = json.loads(of_two.read_text("utf-8"))
    (delivery,) = content["leveringen"]
    content["leveringen"].append({**delivery, "teller": 2, "gemeentecode": "0344"})
    of_two.write_text(json.dumps(content), "utf-8")
    dos = of_two.with_name("dos.csv")
    dos.write_bytes(
        "signal_id,contract,kind,partner_type,amount_eur,reported_at,version,postcode,house_number\n"
        "S-1,Zoë,REPORTED,RENT,1650.00,2026-03-02,1,1011 AB,7\n".encode("cp850")
    )

    assert command.main(["publish", str(of_two), *NOWHERE]) == command.FAILED
    assert "say which is yours: --municipality" in capsys.readouterr().err
    assert command.main(["publish", str(of_two), "--municipality", "0363", *NOWHERE]) == command.DONE
    assert "of municipality 0344" in capsys.readouterr().err
    as_rent = ["publish", str(dos), "--creditor", "rent", *NOWHERE]
    assert command.main(as_rent) == command.FAILED
    assert "--encoding" in capsys.readouterr().err
    assert command.main([*as_rent, "--encoding", "CP850"]) == command.DONE
    assert "read as commas, point decimals, DOS 850: 1 row" in capsys.readouterr().err


def test_what_is_said_of_files_holds_for_those_of_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[object] = []

    @contextmanager
    def folder(path: Path, _: Cluster, __: str, given: object) -> Iterator[Watched]:
        asked.append(given)
        yield Watched(path)

    monkeypatch.setattr(watched_folder, "WatchedFolder", folder)

    said = ["--encoding", "cp850", "--municipality", "0363"]
    assert command.main(["watch", str(tmp_path), "--creditor", "rent", *said, *NOWHERE]) == command.DONE

    assert asked == [Asked("cp850", "0363")]
    assert "march.csv: left out 3 signals with status Opgepakt" in capsys.readouterr().err


class Watched:
    """A watched folder with one file in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def watch(self, answered: Callable[[Answered], None], stopped: Callable[[], bool]) -> None:
        told = ("left out 3 signals with status Opgepakt",)
        answered(Answered(self._folder / "accepted" / "march.csv", self._folder / "receipt.csv", 3, told))


def test_every_fault_of_a_file_is_named_and_a_file_that_is_not_there_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "signals.csv"
    file.write_text(
        "signal_id,contract,kind,partner_type,amount_eur,reported_at,version,postcode,house_number\n"
        "S-1,C-1,REPORTED,RENT,1650.00,2026-03-02,1,0011 AB,zeven\n"
    )
    for name, said in ((file, "line 2"), (tmp_path / "none.csv", "does not exist")):
        assert command.main(["publish", str(name), "--creditor", "rent", *NOWHERE]) == command.FAILED
        assert said in capsys.readouterr().err


def test_the_version_is_that_of_the_distribution() -> None:
    said = tomllib.loads((REPO / "clients" / "pyproject.toml").read_text("utf-8"))

    assert said["project"]["version"] == eropaf_client.__version__


def test_every_error_has_one_root_and_a_code_of_its_own() -> None:
    found = [
        each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, ClientError)
    ]
    codes = [each.code for each in found if "code" in vars(each)]

    assert len(found) == sum(
        isinstance(each, type) and issubclass(each, Exception) for each in vars(errors).values()
    )
    assert issubclass(SchemaError, ClientError)
    assert len(codes) == len(set(codes))
    wrong = InvalidSignal([Fault("contract", "empty", "must not be empty"), Fault("version", "x", "y")])
    assert (wrong.field, wrong.code, wrong.retriable) == ("contract", "empty", False)
    assert str(wrong) == "contract: must not be empty; version: y"
