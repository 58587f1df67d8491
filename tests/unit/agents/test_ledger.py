"""A savepoint that is amended by the ledger holds nothing of who was erased since, and every objection."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from eropaf.agents import ledger
from eropaf.risk.events import Overrule
from eropaf.risk.identity import resident_key
from eropaf.risk.records import DAY_MS, Address
from eropaf.risk.rows import HouseholdRow, Position, ResidentRow
from eropaf.streams.errors import SavepointMisfit
from eropaf.streams.operate import savepoint_file
from eropaf.streams.operate.savepoint_file import SAVEPOINT_VERSION, Manifest
from eropaf_client.records import Resident
from eropaf_client.schemas.topics import (
    AUDIT,
    HOUSEHOLD_EVENTS,
    OUTCOMES,
    PRIORITIES,
    REJECTED,
    RESIDENTS,
    arrears,
    contacts,
    feedback,
)
from eropaf_client.schemas.wire import Codec
from tests.builders import SECRET
from tests.ledgers import (
    ANOTHER,
    AT,
    BSN,
    ERASED,
    HOUSEHOLD,
    OTHER,
    REGISTRY,
    SAVED,
    TAKEN_AT,
    Files,
    a_resident,
    entry,
    erasure,
    event,
    residence,
    signal,
)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_nothing_is_left_of_who_was_erased_since(files: Files) -> None:
    home = Resident(postcode="9876 zw", house_number="41233")
    somebody = resident_key(BSN, SECRET)
    stays = [entry(PRIORITIES, ANOTHER), entry(AUDIT, HOUSEHOLD), entry(RESIDENTS, "r", residence(OTHER))]
    files.write(
        [
            entry("eropaf-ranking-changelog", HOUSEHOLD),
            entry(PRIORITIES, HOUSEHOLD),
            entry(OUTCOMES, HOUSEHOLD),
            entry(RESIDENTS, somebody, residence(ERASED)),
            event(HOUSEHOLD, SAVED + 1, overrule=Overrule("RAISE", 20_000, "seen")),
            signal("by-address", home),
            signal("by-bsn", Resident(bsn=BSN)),
            *stays,
        ],
        [erasure(SAVED + 2)],
    )

    assert files.amend() == stays


def test_what_creditors_heard_and_left_of_its_contracts_goes_with_it(files: Files) -> None:
    stays = [
        entry(feedback("rent"), "another"),
        entry(feedback("water"), "contract-1"),
        entry(contacts("water"), "contract-1"),
    ]
    files.write(
        [
            entry("eropaf-household-changelog", HOUSEHOLD, a_row()),
            entry(feedback("rent"), "contract-1"),
            entry(contacts("rent"), "contract-1"),
            *stays,
        ],
        [erasure(SAVED)],
    )

    assert files.amend() == stays


def a_row(**objections: Any) -> bytes:
    position = Position("rent", "contract-1", "RENT", "UNKNOWN", 1, None, 1, 1, "s", False, None)
    return as_kept(HouseholdRow(ERASED, AT, 1, (position,), **objections))


def as_kept(row: HouseholdRow) -> bytes:
    return Codec("HouseholdRow", "eropaf-household-changelog", REGISTRY).encode(row.to_record())


OBJECTS: dict[str, Any] = {
    "objected": True, "objected_at": 7, "homes": ("rent/contract-1",), "homes_since": ("rent/c-2",),
    "in_doubt_since": 20_000, "objectors": ("anna", "bram"),
}  # fmt: skip


def test_an_erasure_leaves_the_objections_of_the_row_as_they_stand(files: Files) -> None:
    rows = "eropaf-household-changelog"
    files.write([entry(rows, HOUSEHOLD, a_row(**OBJECTS)), entry(PRIORITIES, HOUSEHOLD)], [erasure(SAVED)])

    left = HouseholdRow(ERASED, AT, 0, (), erased_at=AT, **OBJECTS)
    assert files.amend() == [entry(rows, HOUSEHOLD, as_kept(left))]


def test_what_was_said_of_an_objection_before_an_erasure_is_said_after_the_restore(files: Files) -> None:
    made: dict[str, Any] = {"address": ERASED, "objection_stands": True}
    unread = event(HOUSEHOLD, SAVED, **made, objector="anna")
    back, again = event(HOUSEHOLD, SAVED + 1, objection_stands=False), event(HOUSEHOLD, SAVED + 2, **made)
    files.write([unread], [unread, back, again, erasure(SAVED + 3)])

    assert files.amend() == [unread, back, again]


def test_an_objection_told_at_a_door_has_the_address_of_the_row_that_goes(files: Files) -> None:
    row, said = entry("eropaf-household-changelog", HOUSEHOLD, a_row()), {"objection_stands": True}
    files.write([row], [event(HOUSEHOLD, SAVED, **said), erasure(SAVED + 1)])

    assert files.amend() == [event(HOUSEHOLD, SAVED, address=ERASED, **said)]


# Who objects by the savepoint's row, what was read since, and how much earlier or later than the row was made
# that was said: whose entries of the register stay.
OBJECTORS: list[tuple[tuple[str, ...], list[tuple[Any, ...]], list[str]]] = [
    ((), [], []),
    (("anna",), [], ["anna"]),
    ((), [("bram", True)], ["bram"]),
    (("anna",), [("anna", False)], ["anna"]),
    (("anna",), [("anna", False, 1)], []),
    (("anna",), [("anna", False, 1), ("anna", True, 2)], ["anna"]),
    ((), [("anna", True), ("anna", False, 1)], []),
    (("anna", "bram"), [("anna", False, 1)], ["bram"]),
    ((), [("anna", True), ("anna", False, -1)], ["anna"]),
    (("anna",), [("anna", False, -1)], ["anna"]),
    (("anna",), [("anna", True, 1), ("anna", False)], ["anna"]),
    ((), [("anna", False), ("anna", True, -1)], ["anna"]),
]


@pytest.mark.parametrize(("objectors", "said", "stay"), OBJECTORS)
@pytest.mark.parametrize("rows_last", [False, True])
def test_who_objects_keeps_the_entry_of_the_register_by_which_that_moves_along(
    files: Files,
    objectors: tuple[str, ...],
    said: list[tuple[Any, ...]],
    stay: list[str],
    rows_last: bool,
) -> None:
    living = [
        entry(topic, who, residence(ERASED) if topic == RESIDENTS else resident_row(ERASED))
        for topic in (RESIDENTS, "eropaf-resident-changelog")
        for who in ("anna", "bram", "carl")
    ]
    since = {"objectors": objectors, "objectors_at": (AT,) * len(objectors)}
    row = entry("eropaf-household-changelog", HOUSEHOLD, a_row(**since))
    words = [
        event(
            HOUSEHOLD, SAVED + number, AT + sum(later), address=ERASED, objection_stands=stands, objector=who
        )
        for number, (who, stands, *later) in enumerate(said)
    ]
    files.write([*living, row] if rows_last else [row, *living], [*words, erasure(SAVED + 9)])

    kept = [each for each in files.amend() if each in living]

    assert [each["key"].decode() for each in kept] == [*stay, *stay]


def resident_row(address: Address) -> bytes:
    return a_resident(ResidentRow(address, ()))


def test_who_was_erased_before_the_savepoint_and_came_back_stays(files: Files) -> None:
    held = [entry(PRIORITIES, HOUSEHOLD)]
    files.write(held, [erasure(SAVED - 1)])

    assert files.amend() == held


def test_what_a_creditor_sent_after_the_erasure_stays(files: Files) -> None:
    later = signal("new", Resident(postcode="9876ZW", house_number="41233"), at=AT + 1)
    files.write([later], [erasure(SAVED)])

    assert files.amend() == [later]


def test_objections_since_follow_as_events_that_nobody_has_read(files: Files) -> None:
    before = event(ANOTHER, SAVED - 1, objection_stands=False)
    unread = event(ANOTHER, SAVED, objection_stands=True)
    since = event(ANOTHER, SAVED + 1, objection_stands=False)
    files.write([unread], [before, unread, since])

    assert files.amend() == [unread, since]


def test_a_ledger_of_another_cluster_is_refused(files: Files) -> None:
    files.write([], [], cluster="elsewhere")

    with pytest.raises(SavepointMisfit, match="another cluster"):
        files.amend()

    assert not files.amended.exists()


def test_a_ledger_that_was_kept_before_the_savepoint_is_refused(files: Files) -> None:
    """It knows nothing of what was promised since: a copy of last month, or of a timer that is dead."""
    files.write([], [], known_until=SAVED - 1)

    with pytest.raises(SavepointMisfit, match=f"kept last at {re.escape(TAKEN_AT)}, before the savepoint"):
        files.amend()

    assert not files.amended.exists()


def test_a_ledger_that_was_kept_while_nothing_came_is_as_good_as_a_newer_one(files: Files) -> None:
    files.write([entry(PRIORITIES, ANOTHER)], [], known_until=SAVED)

    assert files.amend() == [entry(PRIORITIES, ANOTHER)]
    assert files.done.known_until == TAKEN_AT


def test_a_savepoint_from_before_the_ledger_goes_back_is_refused(files: Files) -> None:
    """Events are kept for 62 days, and so are promises: a savepoint is kept for a fortnight."""
    for taken_at, fits in (("2026-03-01T00:00:00+00:00", True), ("2026-02-28T23:59:59+00:00", False)):
        for file, at in ((files.savepoint, taken_at), (files.ledger, "2026-05-02T00:00:00+00:00")):
            manifest = Manifest(
                SAVEPOINT_VERSION, "here", "eropaf", at, {HOUSEHOLD_EVENTS: 1}, {HOUSEHOLD_EVENTS: [SAVED]}
            )
            savepoint_file.write(file, manifest, [], overwrite=True)
        if fits:
            assert files.amend() == []
            files.amended.unlink()
        else:
            with pytest.raises(SavepointMisfit, match="goes back 62 days"):
                files.amend()


def test_a_ledger_holds_of_who_was_erased_the_newest_word_on_each_objection_alone() -> None:
    now = AT + 62 * DAY_MS
    other: dict[str, Any] = {"address": OTHER, "objection_stands": True}
    erased: dict[str, Any] = {"address": ERASED, "objection_stands": True}
    held = [
        event(HOUSEHOLD, 1, **erased),
        event(HOUSEHOLD, 2, **erased, objector="anna"),
        event(HOUSEHOLD, 3, AT + 1, objection_stands=False),
        event(ANOTHER, 4, **other),
        erasure(5),
        erasure(7),
        event(HOUSEHOLD, 8, **erased),
        entry(HOUSEHOLD_EVENTS, ANOTHER, b"x", offset=9, at=AT),
        entry(HOUSEHOLD_EVENTS, HOUSEHOLD, b"x", offset=6, at=AT),
    ]

    def still(now_ms: int) -> list[int]:
        return [each["offset"] for each in ledger.still(REGISTRY, now_ms)(held)]

    assert still(now) == [2, 3, 4, 7, 8, 9]
    assert still(now + 1) == []
    assert ERASED.postcode.encode() not in erasure(7)["value"]


def test_a_ledger_holds_the_words_by_which_an_objection_stands_or_does_not() -> None:
    """Rows go by when it was said; of a withdrawal of what they do not know they keep nothing."""
    made: dict[str, Any] = {"address": ERASED, "objection_stands": True}
    held = [
        event(HOUSEHOLD, 1, AT - 2, **made),
        event(HOUSEHOLD, 2, AT, **made),
        event(HOUSEHOLD, 3, AT - 1, objection_stands=False),
        event(HOUSEHOLD, 4, AT, objection_stands=False, objector="anna"),
        event(HOUSEHOLD, 5, AT, **made, objector="anna"),
        event(HOUSEHOLD, 6, AT, objection_stands=False, objector="anna"),
        erasure(7),
    ]

    assert [each["offset"] for each in ledger.still(REGISTRY, AT)(held)] == [2, 5, 7]


@pytest.mark.parametrize("counts", [{HOUSEHOLD_EVENTS: 2}, {OUTCOMES: 1}])
def test_a_ledger_of_other_partitions_than_the_savepoint_is_refused(
    files: Files, counts: dict[str, int]
) -> None:
    files.write([], [])
    offsets = {topic: [0] * count for topic, count in counts.items()}
    manifest = Manifest(SAVEPOINT_VERSION, "here", "eropaf", TAKEN_AT, counts, offsets)
    savepoint_file.write(files.ledger, manifest, [], overwrite=True)

    with pytest.raises(SavepointMisfit, match="other partitions"):
        files.amend()


def test_a_letter_that_nobody_can_read_is_left_out_counted_and_named(files: Files) -> None:
    stays = [entry(PRIORITIES, ANOTHER)]
    poison = [entry(REJECTED, "k", b"x", offset=7), entry(REJECTED, "k", b"", offset=8)]
    files.write([*poison, *stays], [erasure(SAVED)])

    assert files.amend() == stays
    assert files.left_out() == ["rejected-0-7 (wrong-magic)", "rejected-0-8 (wrong-magic)"]
    assert files.done.left_out.total == 2


def letter(topic: str, value: bytes) -> dict[str, Any]:
    """Return a readable letter about a record that intake could not use."""
    codec = Codec("Rejected", REJECTED, REGISTRY)
    told = {
        "reason": "wrong-magic", "detail": "", "agent": "intake", "topic": topic, "partition": 0, "offset": 1,
        "timestamp_ms": 1, "key": b"k", "value": value, "headers": [],
    }  # fmt: skip
    return entry(REJECTED, "k", codec.encode(told), offset=9)


def test_a_letter_of_a_record_that_says_no_address_is_left_out_and_named(files: Files) -> None:
    nowhere = signal("contract-1", Resident(postcode="9876 ZW", house_number="nowhere"))["value"]
    for value, reason in ((b"9876 ZW 41233", "wrong-magic"), (nowhere, "impossible-house-number")):
        files.write([letter(arrears("rent"), value)], [erasure(SAVED)])

        assert files.amend() == []
        assert files.left_out() == [f"rejected-0-9 ({reason})"]
        files.amended.unlink()


def test_what_nobody_has_read_yet_stays_also_where_its_schema_is_not_known_here(files: Files) -> None:
    unread = entry(arrears("rent"), "contract-1", b"x")
    files.write([unread], [erasure(SAVED)])

    assert files.amend() == [unread]
    assert files.left_out() == []


def test_where_nobody_was_erased_or_it_came_later_such_a_letter_stays(files: Files) -> None:
    poison = entry(REJECTED, "k", b"x")
    files.write([poison], [])
    assert files.amend() == [poison]

    later = entry(REJECTED, "k", b"x", at=AT + 1)
    files.amended.unlink()
    files.write([later], [erasure(SAVED)])
    assert files.amend() == [later]
    assert files.left_out() == []


def test_a_row_that_nobody_can_read_goes_with_its_household_and_is_named(files: Files) -> None:
    rows, stays = "eropaf-household-changelog", [entry(feedback("rent"), "contract-1")]
    files.write([entry(rows, HOUSEHOLD, b"x", offset=3), *stays], [erasure(SAVED)])

    assert files.amend() == stays
    assert files.left_out() == ["eropaf-household-changelog-0-3 (wrong-magic)"]


def test_a_promise_in_the_ledger_that_cannot_be_read_is_passed_over_never(files: Files) -> None:
    files.write([], [entry(HOUSEHOLD_EVENTS, HOUSEHOLD, b"x", offset=SAVED)])

    with pytest.raises(SavepointMisfit, match=r"household-events-0-10 \(wrong-magic\) in the ledger"):
        files.amend()
