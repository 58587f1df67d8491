"""What a restore elsewhere leaves of who was erased, and of a resident whom the register does not know."""

from __future__ import annotations

from pathlib import Path

import pytest

from eropaf.risk.events import Overrule
from eropaf.risk.identity import resident_key
from eropaf.risk.records import NOWHERE, UnresolvedSignal
from eropaf.risk.residency import resolve
from eropaf.risk.rows import ResidentRow
from eropaf_client.records import Resident
from eropaf_client.schemas.topics import RESIDENT_EVENTS, UNRESOLVED_SIGNALS, contacts
from tests.builders import SECRET, a_signal
from tests.ledgers import (
    AT,
    BSN,
    HOUSEHOLD,
    RESIDENTS_ROWS,
    SAVED,
    Files,
    a_resident,
    entry,
    erasure,
    event,
    signal,
)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_an_erasure_is_read_after_the_restore_as_well_and_each_once(files: Files) -> None:
    """By it the household's moment is remembered: a letter may still be sent again."""
    held, since = erasure(SAVED), erasure(SAVED + 1)
    later = event(HOUSEHOLD, SAVED + 2, overrule=Overrule("RAISE", 20_000, "seen"))
    files.write([held, later], [held, since])

    assert files.amend() == [later]
    assert files.erasures == [held, since]
    assert files.done.objections == 0


NUMBER = Resident(bsn=BSN)


def test_of_a_resident_whom_the_register_does_not_know_nothing_is_left_but_a_word(files: Files) -> None:
    own = resident_key(BSN, SECRET)
    unresolved = UnresolvedSignal(own, "arrears.rent-0-1", a_signal(creditor="rent", contract="c-1"))
    waits = resolve(None, unresolved, AT, SECRET)[0]
    said = event(own, SAVED, address=NOWHERE, objection_stands=True, objector=own)
    word = said | {"topic": RESIDENT_EVENTS}
    stays = [entry(contacts("rent"), "c-2"), word, signal("later", NUMBER, at=AT + 1)]
    goes = [
        entry(RESIDENTS_ROWS, own, a_resident(waits)),
        entry(UNRESOLVED_SIGNALS, own),
        entry(contacts("rent"), "c-1"),
        signal("c-1", NUMBER),
    ]
    erased = event(own, SAVED + 1, address=NOWHERE, erasure_requested_on=20_000)

    files.write([*goes, *stays], [erased])
    assert files.amend() == stays
    assert files.erasures == [erased]


def test_an_objection_that_waits_for_an_address_outlives_an_erasure_and_a_restore(files: Files) -> None:
    own = resident_key(BSN, SECRET)
    row = entry(RESIDENTS_ROWS, own, a_resident(ResidentRow(None, (), objected_at=AT)))
    files.write([row], [event(own, SAVED + 1, address=NOWHERE, erasure_requested_on=20_000)])

    assert files.amend() == [row]
