"""What a lost cluster's mirror knows is brought into savepoint and ledger, and brings nobody back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from eropaf.agents import ledger
from eropaf.agents.mirrored import BroughtOn, bring_on
from eropaf.streams.operate import savepoint_file
from eropaf.streams.operate.mirror import Mirror
from eropaf.streams.operate.savepoint_file import read_entries
from eropaf.streams.topic_partition import TP
from eropaf_client.records import Resident
from eropaf_client.schemas.topics import AUDIT, HOUSEHOLD_EVENTS, PRIORITIES, RESIDENTS, arrears
from tests.builders import SECRET
from tests.ledgers import (
    ANOTHER,
    AT,
    HOUSEHOLD,
    OTHER,
    REGISTRY,
    SAVED,
    Files,
    entry,
    erasure,
    event,
    residence,
    signal,
)

HOME = Resident(postcode="9876 zw", house_number="41233")
RENT = arrears("rent")
KNOWN = SAVED + 90


class Mirrored(Mirror):
    """A mirror that holds `entries`, and says from where on it was asked."""

    def __init__(self, *entries: dict[str, Any]) -> None:
        super().__init__("nowhere", {}, "region-a")
        self.entries = entries
        self.asked: dict[TP, int] = {}

    def since(self, wanted: Mapping[TP, int]) -> Iterator[dict[str, Any]]:
        self.asked |= wanted
        return (dict(each) for each in self.entries if TP(each["topic"], each["partition"]) in wanted)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def brought(files: Files, *entries: dict[str, Any]) -> BroughtOn:
    folder = files.savepoint.parent / "brought"
    folder.mkdir()
    mirror = Mirrored(*entries)
    return bring_on(
        files.savepoint, files.ledger, mirror, folder, creditors=["rent"], registry=REGISTRY, secret=SECRET
    )


def test_what_creditors_said_since_follows_what_the_savepoint_holds(files: Files) -> None:
    held = signal("held", HOME, offset=7)
    files.write([held], [])
    since = signal("since", HOME, offset=8)

    on = brought(files, since)

    assert list(read_entries(on.savepoint)) == [held, since]
    assert on.said == 1


def test_the_mirror_is_asked_from_where_savepoint_and_ledger_end(files: Files) -> None:
    files.write([signal("held", HOME, offset=7), entry(AUDIT, "a", offset=3)], [])
    folder = files.savepoint.parent / "brought"
    folder.mkdir()
    mirror = Mirrored()
    bring_on(
        files.savepoint, files.ledger, mirror, folder, creditors=["rent"], registry=REGISTRY, secret=SECRET
    )

    assert mirror.asked == {TP(HOUSEHOLD_EVENTS, 0): KNOWN, TP(RENT, 0): 8, TP(AUDIT, 0): 4}


def test_what_comes_again_of_a_batch_is_not_there_twice(files: Files) -> None:
    held = entry(AUDIT, "opened", b"by anna", offset=3)
    files.write([held], [])

    on = brought(files, {**held, "offset": 4}, entry(AUDIT, "opened", b"by bram", offset=5))

    assert [each["value"] for each in read_entries(on.savepoint)] == [b"by anna", b"by bram"]


def test_an_erasure_that_only_the_mirror_knows_takes_what_was_said_before(files: Files) -> None:
    row, stays = entry("eropaf-household-changelog", HOUSEHOLD), entry(PRIORITIES, ANOTHER)
    files.write([row, stays, signal("held", HOME)], [])

    on = brought(files, signal("since", HOME, offset=6), erasure(KNOWN))

    done = ledger.amend(on.savepoint, on.ledger, files.amended, REGISTRY, SECRET)
    assert done.erased == 1
    assert list(read_entries(files.amended)) == [stays, erasure(KNOWN)]


def test_who_was_erased_before_the_savepoint_does_not_come_back(files: Files) -> None:
    files.write([entry(RENT, "x", b"", at=AT)], [erasure(SAVED - 1)])

    on = brought(files, signal("again", HOME, offset=6), entry(PRIORITIES, HOUSEHOLD))

    assert (on.said, on.told) == (0, [])


def test_what_a_creditor_said_after_an_erasure_is_new(files: Files) -> None:
    files.write([entry(RENT, "x", b"", at=AT)], [erasure(SAVED - 1)])
    new = signal("new", HOME, offset=6, at=AT + 1)

    assert list(read_entries(brought(files, new).savepoint))[1:] == [new]


def test_an_objection_that_only_the_mirror_knows_stands(files: Files) -> None:
    made = event(ANOTHER, KNOWN, address=OTHER, objection_stands=True)
    files.write([], [])

    on = brought(files, event(ANOTHER, KNOWN - 1), made)

    ledger.amend(on.savepoint, on.ledger, files.amended, REGISTRY, SECRET)
    assert list(read_entries(files.amended)) == [made]


def test_a_promise_that_the_ledger_holds_is_not_taken_again(files: Files) -> None:
    kept = erasure(SAVED + 1)
    files.write([], [kept])

    on = brought(files, {**kept, "offset": KNOWN})

    assert list(read_entries(on.ledger)) == [kept]
    assert savepoint_file.check(on.ledger).offsets == {HOUSEHOLD_EVENTS: [KNOWN + 1]}


def test_the_ledger_says_until_when_the_mirror_knew(files: Files) -> None:
    files.write([], [])
    late = {**event(ANOTHER, KNOWN), "timestamp_ms": 1_800_000_000_000}

    assert savepoint_file.check(brought(files, late).ledger).taken_at == "2027-01-15T08:00:00+00:00"


def test_what_outreach_was_told_since_is_no_part_of_the_savepoint(files: Files) -> None:
    files.write([entry(PRIORITIES, ANOTHER, offset=1)], [])
    told = entry(PRIORITIES, ANOTHER, b"told", offset=2)

    on = brought(files, told)

    assert (on.said, on.told) == (0, [told])
    assert len(list(read_entries(on.savepoint))) == 1


def test_the_register_of_since_is_taken_whoever_nobody_erased(files: Files) -> None:
    moved = entry(RESIDENTS, "r", residence(OTHER), offset=2)
    files.write([entry(RESIDENTS, "r", residence(OTHER), offset=1, at=AT - 9)], [])

    assert list(read_entries(brought(files, moved).savepoint))[1:] == [moved]
