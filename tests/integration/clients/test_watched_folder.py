"""Files of a creditor that cannot stream, on a real broker."""

from __future__ import annotations

import os
import random
import time
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import openpyxl
import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.streams.operate.topics import Topic, admin, ensure
from eropaf_client.errors import OutboxInUse
from eropaf_client.files import watched_folder
from eropaf_client.files.watched_folder import Answered, WatchedFolder
from tests.integration.clients.test_publishers import stored
from tests.integration.processes import PATIENCE_S, Process, ended

pytestmark = pytest.mark.kafka

HEADER = "signal_id,contract,kind,partner_type,amount_eur,reported_at,version,postcode,house_number\n"


def lines(first: int, count: int) -> str:
    return "".join(
        f"S-{number},C-{number},REPORTED,RENT,1650.00,2026-03-02,1,1011 AB,{number % 99 + 1}\n"
        for number in range(first, first + count)
    )


@pytest.fixture
def bootstrap(fresh: EmbeddedKafka) -> str:
    ensure(admin(fresh.bootstrap, {}), [Topic("arrears.rent", 3)])
    return fresh.bootstrap


@pytest.fixture
def dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(watched_folder, "SETTLED_S", 0.1)
    monkeypatch.setattr(watched_folder, "FOLDER_CHECKED_EVERY_S", 0.05)
    folder = tmp_path / "dropped"
    folder.mkdir()
    return folder


def answers(bootstrap: str, folder: Path, count: int) -> list[Answered]:
    """Watch until `count` files were answered."""
    found: list[Answered] = []
    ends = time.monotonic() + PATIENCE_S
    with WatchedFolder(folder, bootstrap, "rent") as watched:
        watched.watch(found.append, lambda: len(found) >= count or time.monotonic() > ends)
    return found


def test_a_file_is_published_and_its_receipt_says_so_line_by_line(bootstrap: str, dropped: Path) -> None:
    (dropped / "march.csv").write_text(HEADER + lines(1, 2))

    (answered,) = answers(bootstrap, dropped, 1)

    assert answered.file == dropped / "accepted" / "march.csv"
    assert answered.receipt.read_text() == (
        "place,signal_id,verdict,message\nline 2,S-1,accepted,\nline 3,S-2,accepted,\n"
        'file,,note,"read as commas, point decimals, UTF-8: 2 rows"\n'
    )
    assert sorted(each[0] for each in stored(bootstrap)) == ["S-1", "S-2"]


def test_a_file_with_a_fault_is_refused_as_a_whole_and_the_receipt_names_the_place(
    bootstrap: str, dropped: Path
) -> None:
    (dropped / "march.csv").write_text(HEADER + lines(1, 1) + lines(2, 1).replace("1650.00", "a lot"))

    (answered,) = answers(bootstrap, dropped, 1)

    assert answered.file.parent.name == "refused"
    assert "line 3, column 5 (amount_eur)" in answered.receipt.read_text()
    assert "nothing was sent" in answered.receipt.read_text()
    assert stored(bootstrap) == []


def test_the_same_content_is_never_taken_twice_whatever_its_name(bootstrap: str, dropped: Path) -> None:
    (dropped / "march.csv").write_text(HEADER + lines(1, 2))
    answers(bootstrap, dropped, 1)
    (dropped / "march-again.csv").write_text(HEADER + lines(1, 2))

    (answered,) = answers(bootstrap, dropped, 1)

    assert answered.file.parent.name == "refused"
    assert "is the same as one accepted on" in answered.receipt.read_text()
    assert len(stored(bootstrap)) == 2


def test_kill_9_in_the_middle_of_a_file_loses_and_doubles_nothing(bootstrap: str, tmp_path: Path) -> None:
    folder, moments = tmp_path / "dropped", random.Random(8)
    folder.mkdir()
    (folder / "march.csv").write_text(HEADER + lines(0, 30_000))
    os.utime(folder / "march.csv", (0, 0))
    arguments = ["-m", "eropaf.main", "publish", "--watch", str(folder), "--creditor", "rent"]
    done = folder / "accepted" / "march.csv"
    for kill in range(3):
        process = Process(arguments, tmp_path / f"log-{kill}", EROPAF_BOOTSTRAP=bootstrap)
        with ended(process):
            process.until(partial(says_it_watches, process), PATIENCE_S, "watching")
            time.sleep(moments.uniform(0.0, 1.0))
    process = Process(arguments, tmp_path / "log", EROPAF_BOOTSTRAP=bootstrap)
    with ended(process):
        process.until(done.exists, PATIENCE_S, "the file is accepted")

    found = sorted(each[0] for each in stored(bootstrap))
    assert found == sorted(f"S-{number}" for number in range(30_000))


def says_it_watches(process: Process) -> bool:
    return "watching" in process.said


def a_link_out(folder: Path) -> None:
    (folder.parent / "secret.csv").write_text(HEADER + lines(1, 1))
    (folder / "march.csv").symlink_to(folder.parent / "secret.csv")


def a_hidden_file(folder: Path) -> None:
    (folder / ".march.csv").write_text(HEADER + lines(1, 1))


def a_pipe(folder: Path) -> None:
    os.mkfifo(folder / "march.csv")


@pytest.mark.parametrize("trick", [a_link_out, a_hidden_file, a_pipe])
def test_what_is_no_plain_file_is_left_alone(
    bootstrap: str, dropped: Path, trick: Callable[[Path], None]
) -> None:
    trick(dropped)
    (dropped / "real.csv").write_text(HEADER + lines(7, 1))

    (answered,) = answers(bootstrap, dropped, 1)

    assert answered.file.name == "real.csv"
    assert [each[0] for each in stored(bootstrap)] == ["S-7"]


def test_a_file_of_a_gigabyte_is_refused_unread(bootstrap: str, dropped: Path) -> None:
    with (dropped / "huge.csv").open("wb") as huge:
        huge.truncate(1024**3)  # a sparse one: it takes no room

    (answered,) = answers(bootstrap, dropped, 1)

    assert "larger than 256 MiB" in answered.receipt.read_text()


def test_a_workbook_is_published_as_a_csv_file_is(bootstrap: str, dropped: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for line in (HEADER + lines(1, 3)).splitlines():
        sheet.append(line.split(","))
    book.save(dropped / "march.xlsx")

    (answered,) = answers(bootstrap, dropped, 1)

    assert answered.stored == 3, answered.receipt.read_text()
    assert sorted(each[0] for each in stored(bootstrap)) == ["S-1", "S-2", "S-3"]


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_unread(bootstrap: str, dropped: Path) -> None:
    with (
        zipfile.ZipFile(dropped / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet,
    ):
        for _ in range(300):
            sheet.write(bytes(1 << 20))
    assert (dropped / "bomb.xlsx").stat().st_size < 1_000_000

    (answered,) = answers(bootstrap, dropped, 1)

    assert "unpacks to more than 256 MiB" in answered.receipt.read_text()
    assert stored(bootstrap) == []


def test_a_receipt_holds_no_formula(bootstrap: str, dropped: Path) -> None:
    (dropped / "march.csv").write_text(HEADER + lines(1, 1).replace("S-1", "=HYPERLINK(1)"))

    (answered,) = answers(bootstrap, dropped, 1)

    assert "'=HYPERLINK(1)" in answered.receipt.read_text()


def test_one_process_watches_a_folder(bootstrap: str, dropped: Path) -> None:
    with WatchedFolder(dropped, bootstrap, "rent"), pytest.raises(OutboxInUse):
        WatchedFolder(dropped, bootstrap, "rent")
