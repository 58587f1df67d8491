"""Whatever fails, nothing that says who somebody is reaches a log, an error or a text form."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from eropaf_client import command, handling, sending
from eropaf_client.async_subscriber import AsyncPrioritySubscriber
from eropaf_client.cluster import Cluster
from eropaf_client.errors import ClientError
from eropaf_client.feedback import FeedbackReader
from eropaf_client.files import reading, watched_folder
from eropaf_client.files.csv_file import CsvFile
from eropaf_client.files.filed import Asked
from eropaf_client.files.reading import read_by_creditor
from eropaf_client.files.watched_folder import WatchedFolder
from eropaf_client.inbox import Received
from eropaf_client.journal import Parked
from eropaf_client.outbox import Kept, Waiting, canonical
from eropaf_client.outbox_publisher import OutboxPublisher
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.records import ArrearsSignal, PriorityUpdate, Resident
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.wire import Codec
from eropaf_client.subscriber import PrioritySubscriber
from tests.builders import an_arrears_signal
from tests.fakes import FakePost, FakeProducer, FakeSource, FakeTopic, decoded

BSN = "123456789"  # fails the eleven test: nobody's
POSTCODE, NUMBER, ADDITION = "9876ZX", "73737", "QZQZ"
MARKS = (BSN, POSTCODE, "9876 ZX", NUMBER, ADDITION)
AT_HOME = Resident(postcode=POSTCODE, house_number=NUMBER, addition=ADDITION)
HEADER = (
    "signal_id,contract,kind,partner_type,amount_eur,reported_at,version,bsn,postcode,house_number,addition\n"
)


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> Iterator[list[str]]:
    """Collect what a test says; at its end it must be something, and nothing personal."""
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    yield said
    out, err = capsys.readouterr()
    logged = map(logging.Formatter().format, caplog.get_records("call"))
    everything = "\n".join([*said, *logged, out, err])
    assert len(everything) > 20, "nothing was said, so nothing was tried"
    found = [mark for mark in MARKS if mark in everything]
    assert found == [], everything


def failing(told: list[str], call: Callable[[], object], error: type[BaseException] = ClientError) -> None:
    """Call what must fail; keep what a log would show of it, causes and all."""
    with pytest.raises(error) as raised:
        call()
    told += traceback.format_exception(raised.value)


@pytest.fixture
def producer(monkeypatch: pytest.MonkeyPatch) -> FakeProducer:
    made = FakeProducer()
    monkeypatch.setattr(sending, "Producer", lambda settings: made)
    monkeypatch.setattr(sending.connection, "check", lambda *_: 3)
    return made


@pytest.fixture
def outbox(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[OutboxPublisher]:
    monkeypatch.setattr("eropaf_client.outbox_publisher.KafkaPost", lambda *_: FakePost(FakeTopic()))
    trial = Cluster("nowhere", test_numbers=True)
    with OutboxPublisher(trial, "rent", tmp_path / "outbox.db") as made:
        yield made


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> FakeSource:
    made = FakeSource()
    monkeypatch.setattr("eropaf_client.subscriber.KafkaSource", lambda *_: made)
    for name in ("BACKOFF_S", "LONGEST_HANDLING_PAUSE_S", "POLL_WAIT_S"):
        monkeypatch.setattr(handling, name, 0.001)
    return made


@pytest.mark.parametrize(
    "resident",
    [
        Resident(bsn=BSN + "0"),
        Resident(bsn=BSN, postcode=POSTCODE, house_number=NUMBER),
        Resident(postcode=POSTCODE + "x", house_number="x" + NUMBER, addition=ADDITION * 5),
        Resident(postcode=f"{POSTCODE}\ud800", house_number=NUMBER),
        Resident(postcode=POSTCODE, house_number=int(NUMBER)),  # type: ignore[arg-type]
        {"bsn": BSN},
    ],
)
def test_a_signal_that_is_wrong(
    told: list[str], producer: FakeProducer, outbox: OutboxPublisher, resident: Any
) -> None:
    signal = an_arrears_signal(resident=resident, amount_cents=-1)
    with ArrearsPublisher("nowhere", "rent") as publisher:
        failing(told, lambda: publisher.report(signal))
        failing(told, lambda: outbox.report(signal))


def test_a_signal_that_is_not_stored(
    told: list[str], producer: FakeProducer, outbox: OutboxPublisher, tmp_path: Path
) -> None:
    signal = an_arrears_signal(resident=AT_HOME)
    value = Codec("ArrearsSignal", "arrears.rent", LocalRegistry()).encode(signal.to_record())
    producer.fails = {value}
    with ArrearsPublisher("nowhere", "rent") as publisher:
        failing(told, lambda: publisher.report(signal))
    outbox._post.fails = ["before"]  # type: ignore[attr-defined]
    failing(told, lambda: outbox.report(signal))
    failing(told, lambda: outbox.report(an_arrears_signal(resident=Resident(bsn=BSN))))  # changed
    (count,) = outbox._outbox.read("PRAGMA page_count")[0]
    outbox._outbox.read(f"PRAGMA max_page_count = {count}")
    many = [an_arrears_signal(signal_id=f"S-{number}", resident=AT_HOME) for number in range(2_000)]
    failing(told, lambda: outbox.report_all(many))


def test_updates_that_cannot_be_used_or_handled(told: list[str], source: FakeSource, tmp_path: Path) -> None:
    source.write("a", f"no update of {POSTCODE} {NUMBER} {ADDITION}".encode())
    source.write("a", _an_update_in_bytes("a"))
    source.write("b", _an_update_in_bytes("b"))
    parked: list[Parked] = []
    others: list[str] = []

    def handler(update: PriorityUpdate) -> None:
        told.append(repr(update))
        if update.household == "a":
            if not others:  # one goes through meanwhile, so it is this one's own fault
                others.append("d")
                source.write("d", _an_update_in_bytes("d"))
            raise ValueError(f"nobody at {update.postcode} {update.house_number} {update.addition}")

    with PrioritySubscriber("nowhere", tmp_path / "journal.db") as subscriber:
        received = subscriber.receive(1)
        assert received is not None
        told.append(repr(received))
        subscriber.give_back(received)
        assert subscriber.journal is not None
        subscriber.journal.park(Parked("c", 1, _an_update_in_bytes("c"), "x"))
        parked += subscriber.parked()
        subscriber.handle(
            handler,
            forget=lambda household: None,
            on_parked=parked.append,
            stopped=lambda: len(parked) == 2,
        )
        assert subscriber.retry_parked(handler) == 1  # c; a stays
        told += map(repr, parked)
        told.append(repr(next(subscriber.live_list())))


def test_handlers_on_a_loop(told: list[str], source: FakeSource, tmp_path: Path) -> None:
    source.write("a", _an_update_in_bytes("a"))
    tries = 0

    async def handler(update: PriorityUpdate) -> None:
        nonlocal tries
        tries += 1
        raise ValueError(f"nobody at {update.postcode} {update.house_number} {update.addition}")

    async def program() -> None:
        async with AsyncPrioritySubscriber("nowhere", tmp_path / "journal.db") as subscriber:
            await subscriber.handle(handler, forget=handler, stopped=lambda: tries > 12)  # type: ignore[arg-type]

    asyncio.run(program(), debug=True)
    told.append("it was tried again")


def _an_update_in_bytes(household: str) -> bytes:
    update = decoded(f"{household} 1".encode())
    value = {
        "update_id": update.update_id, "household": household, "sequence": 1,
        "address": {"postcode": POSTCODE, "house_number": int(NUMBER), "addition": ADDITION},
        "area": "9876", "urgency": 1, "band": "LOW", "respond_by": None, "change": "RAISED",
        "policy_version": "v", "event_at": 0,
    }  # fmt: skip
    return Codec("PriorityUpdate", "outreach.priorities", LocalRegistry()).encode(value)


def test_feedback_that_cannot_be_read(told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    source = FakeSource(topic="feedback.rent")
    source.write(BSN, f"\x00{BSN}{POSTCODE}".encode())
    monkeypatch.setattr("eropaf_client.own_topic_reader.KafkaSource", lambda *_: source)
    with FeedbackReader("nowhere", "rent") as reader:
        assert reader.poll(0) == []


LINES = {
    "every column wrong": (
        f"{'S' * 300},,x,y,{BSN},{POSTCODE},{NUMBER},{BSN}0,{POSTCODE}x,x{NUMBER},{ADDITION}!"
    ),
    "a bsn that fails the test": f"S-1,C-1,REPORTED,RENT,1650.00,2026-03-02,1,{BSN},,,",
    "an address that none is like": (
        f"S-1,C-1,REPORTED,RENT,1650.00,2026-03-02,1,,{POSTCODE},{NUMBER}9,{ADDITION}-{ADDITION}-1"
    ),
    "a column too many": f"S-1,C-1,REPORTED,RENT,1650.00,2026-03-02,1,,{POSTCODE},{NUMBER},{ADDITION},{BSN}",
    "an open quote": f'S-1,C-1,REPORTED,RENT,1650.00,2026-03-02,1,"{BSN},{POSTCODE}',
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
@pytest.mark.parametrize("kind", [".csv", ".xlsx"])
def test_a_file_with_a_fault(told: list[str], tmp_path: Path, line: str, kind: str) -> None:
    path = tmp_path / f"month{kind}"
    if kind == ".csv":
        path.write_text(HEADER + line + "\n", "utf-8")
        told += map(repr, CsvFile(path))
        told += map(repr, CsvFile(path).table)
    else:
        book = openpyxl.Workbook()
        for row in (HEADER + line).splitlines():
            book.worksheets[0].append(row.split(","))
        book.save(path)

    failing(told, lambda: read_by_creditor(path, "rent"))
    assert command.main(["publish", str(path), "--creditor", "rent", "--bootstrap", "127.0.0.1:1"]) == 1


@pytest.mark.parametrize("kind", [".csv", ".json", ".xlsx"])
def test_a_file_that_its_reader_trips_over(
    told: list[str], tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trips(path: Path, creditor: str | None, asked: Asked) -> Any:
        int(path.read_text("utf-8"))

    monkeypatch.setitem(reading.READERS, kind, trips)
    monkeypatch.setattr(watched_folder, "SETTLED_S", 0.0)
    path = tmp_path / "dropped" / f"month{kind}"
    path.parent.mkdir()
    path.write_text(f"{BSN} {POSTCODE}", "utf-8")

    failing(told, lambda: read_by_creditor(path, "rent"))
    assert command.main(["publish", str(path), "--creditor", "rent", "--bootstrap", "127.0.0.1:1"]) == 1
    with WatchedFolder(path.parent, "nowhere", "rent") as watched:
        (answered,) = watched.look()
    told.append(answered.receipt.read_text("utf-8"))


def test_a_ddas_file_with_a_fault(told: list[str], tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / "data" / "ddas-example.json"
    text = example.read_text("utf-8")
    path = tmp_path / "month.json"
    path.write_text(text.replace('"postcode"', f'"{BSN}": "{POSTCODE} {ADDITION}", "postcode"'), "utf-8")

    failing(told, lambda: read_by_creditor(path, None, Asked(test_numbers=True)))


def test_the_text_forms_of_what_holds_a_resident(told: list[str]) -> None:
    signal: ArrearsSignal = an_arrears_signal(resident=Resident(BSN, POSTCODE, NUMBER, ADDITION))
    value = f"{BSN}{POSTCODE}{NUMBER}{ADDITION}".encode()
    told += map(
        repr,
        (
            signal,
            signal.resident,
            Kept("S-1", 1, "C-1", value, canonical(signal.to_record())),
            Waiting(1, "C-1", value),
            Received("h-1", None, 0, 0, 0, value),
            Parked("h-1", 1, value, "OSError"),
        ),
    )
    told += [str(each) for each in (signal, Received("h-1", None, 0, 0, 0, value))]


def test_this_test_can_fail(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("eropaf_client").warning("somebody at %s", POSTCODE)

    assert any(mark in caplog.text for mark in MARKS)
