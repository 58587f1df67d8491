from __future__ import annotations

from dataclasses import replace

import pytest

from agents.topology import LARGEST_ROW
from risk.records import ResidentRow, UnresolvedSignal, Waiting
from risk.refusal import Refused
from risk.residency import MOST_WAITING, register, resolve
from schemas.registry import LocalRegistry
from schemas.wire import Codec
from tests.builders import HOME, HOUSEHOLD, NOON, SECRET, a_signal

SIGNAL = UnresolvedSignal("resident", "arrears.energy-1-5", a_signal())


def test_a_signal_without_an_address_waits_and_is_not_lost() -> None:
    row, resolved = resolve(None, SIGNAL, NOON, SECRET)

    assert resolved is None
    assert [entry.event_id for entry in row.waiting] == ["arrears.energy-1-5"]


def test_what_waited_joins_its_household_when_the_entry_comes_with_its_own_time() -> None:
    row, _ = resolve(None, SIGNAL, NOON, SECRET)

    row, resolved = register(row, HOME, SECRET)

    assert [(one.event.household, one.timestamp_ms) for one in resolved] == [(HOUSEHOLD, NOON)]
    assert row.waiting == ()


def test_a_signal_on_a_known_resident_goes_on_at_once() -> None:
    row, _ = register(None, HOME, SECRET)

    after, resolved = resolve(row, SIGNAL, NOON, SECRET)

    assert resolved is not None
    assert resolved.event.household == HOUSEHOLD
    assert after is row


def test_after_a_resident_has_left_signals_wait_again() -> None:
    row, _ = register(None, HOME, SECRET)
    row, _ = register(row, None, SECRET)

    _, resolved = resolve(row, SIGNAL, NOON, SECRET)

    assert resolved is None


def test_when_too_many_wait_the_next_is_refused_and_the_row_still_fits_into_a_record() -> None:
    longest = "\N{GRINNING FACE}" * 200
    signal = a_signal(signal_id=longest, contract=longest, creditor="c" * 241, version=2**62)
    signal = replace(
        signal,
        own_effort={
            "offer": "NO_ANSWER",
            "personal_contact": True,
            "debt_help_pointed_at": True,
            "written_reminders": 9,
        },
    )
    entry = Waiting(f"arrears.{'c' * 241}-99-{2**62}", NOON, signal)
    row = ResidentRow(None, (entry,) * MOST_WAITING)

    with pytest.raises(Refused, match="500 signals wait"):
        resolve(row, SIGNAL, NOON, SECRET)

    assert len(Codec("ResidentRow", "rows", LocalRegistry()).encode(row.to_record())) < LARGEST_ROW - 1024
