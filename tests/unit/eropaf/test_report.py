"""A month as the national exchange model wants it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from eropaf.report.ddas import Month, exchanged, kept_from
from eropaf.risk.events import ContactAttempt, Outcome
from eropaf.risk.household import fold
from eropaf.risk.records import DAY_MS, HouseholdEvent
from eropaf.risk.rows import HouseholdRow
from eropaf.risk.zone import civil_zone
from eropaf_client.files.ddas import DdasFile
from eropaf_client.files.ddas_exchange import Delivery, ExchangedAttempt, ExchangeFile, to_json
from tests.builders import HOUSEHOLD, MARCH_2, NOON, a_signal, amsterdam_example, an_event
from tests.ddas_schema import faults

AMSTERDAM = civil_zone("Europe/Amsterdam")
MARCH = Month(date(2026, 3, 1), date(2026, 3, 31), AMSTERDAM)


def outcome(day: int, found: Outcome) -> HouseholdEvent:
    return HouseholdEvent(HOUSEHOLD, f"outcome-{day}", NOON + day * DAY_MS, outcome=found)


STORY = [
    an_event(a_signal(amount_cents=110_001, crisis_kind="EVICTION", handover_wish=True)),
    an_event(
        a_signal(signal_id="tax-1", creditor="municipal-tax", contract="t", partner_type="MUNICIPAL_TAX")
    ),
    an_event(a_signal(signal_id="paid", kind="PAID", version=2)),
    an_event(a_signal(signal_id="april", version=3, reported_at=NOON + 40 * DAY_MS)),
    outcome(1, Outcome("o-1", MARCH_2 + 1)),
    outcome(2, Outcome("o-2", None, ContactAttempt("PHONE", False, MARCH_2 + 2, "UNKNOWN"))),
    outcome(3, Outcome("o-3", None, ContactAttempt("VISIT", True, MARCH_2 + 3, "EVENING"), "HELP")),
]


def test_a_month_holds_its_signals_and_the_case_with_its_attempts_and_result() -> None:
    statuses = {("rent", "signal-1"): "PICKED_UP"}

    signals, (case,) = exchanged(STORY, statuses, MARCH)

    assert [(s.signal_id, s.amount_eur, s.status, s.crisis, s.handover_wish) for s in signals] == [
        ("signal-1", 1101, "PICKED_UP", True, True),
        ("tax-1", 1100, "NOT_YET_PICKED_UP", False, False),
    ]
    assert (case.result, case.picked_up_on, case.matched_on) == ("HELP", date(2026, 3, 3), date(2026, 3, 2))
    assert case.signal_ids == ("signal-1", "tax-1")
    assert case.attempts == (
        ExchangedAttempt("PHONE", False, date(2026, 3, 4), None),
        ExchangedAttempt("VISIT", True, date(2026, 3, 5), "EVENING"),
    )


def test_the_report_is_what_the_model_asks() -> None:
    signals, cases = exchanged(STORY, {}, MARCH)
    delivery = Delivery(1, "0363", "Gemeente Voorbeeld", signals=signals, cases=cases)

    file = ExchangeFile("EROPAF", MARCH.first, MARCH.last, datetime(2026, 4, 1, tzinfo=UTC), (delivery,))

    assert faults(to_json(file)) == []


APRIL = Month(date(2026, 4, 1), date(2026, 4, 30), AMSTERDAM)


def at(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def test_help_in_april_for_a_signal_of_march_is_a_case_of_april_with_its_signal() -> None:
    story = [
        an_event(a_signal(reported_at=at(datetime(2026, 3, 30, 12, tzinfo=UTC)))),
        outcome(33, Outcome("o-1", None, ContactAttempt("VISIT", True, MARCH_2 + 33, "EVENING"), "HELP")),
    ]

    signals, (case,) = exchanged(story, {}, APRIL)

    assert [each.signal_id for each in signals] == ["signal-1"]
    assert (case.signal_ids, case.result, len(case.attempts or ())) == (("signal-1",), "HELP", 1)
    of_march, cases_of_march = exchanged(story, {}, MARCH)
    assert [each.signal_id for each in of_march] == ["signal-1"]
    assert cases_of_march == ()


def test_signals_after_a_result_begin_another_case() -> None:
    story = [
        an_event(a_signal()),
        outcome(1, Outcome("o-1", None, None, "HELP")),
        an_event(a_signal(signal_id="signal-2", version=2, reported_at=NOON + 2 * DAY_MS)),
        outcome(3, Outcome("o-2", None, None, "NO_CONTACT")),
    ]

    _, cases = exchanged(story, {}, MARCH)

    assert [(case.signal_ids, case.result) for case in cases] == [
        (("signal-1",), "HELP"),
        (("signal-2",), "NO_CONTACT"),
    ]


def test_two_creditors_may_use_one_id_and_our_own_reader_takes_the_report(tmp_path: Path) -> None:
    story = [
        an_event(a_signal(arrears_since=MARCH_2 - 40)),
        an_event(a_signal(creditor="water", partner_type="WATER", contract="w", arrears_since=MARCH_2 - 40)),
        outcome(1, Outcome("o-1", MARCH_2 + 1)),
    ]
    signals, cases = exchanged(story, {("water", "signal-1"): "PICKED_UP"}, MARCH)

    assert [(each.signal_id, each.status) for each in signals] == [
        ("rent-signal-1", "NOT_YET_PICKED_UP"),
        ("water-signal-1", "PICKED_UP"),
    ]
    assert cases[0].signal_ids == ("rent-signal-1", "water-signal-1")
    delivery = Delivery(1, "0363", "Gemeente Voorbeeld", signals=signals, cases=cases)
    file = tmp_path / "report.json"
    exchange = ExchangeFile("EROPAF", MARCH.first, MARCH.last, datetime(2026, 4, 1, tzinfo=UTC), (delivery,))
    file.write_text(json.dumps(to_json(exchange)))
    assert list(DdasFile(file).problems) == []


def test_a_month_begins_when_it_begins_in_the_netherlands() -> None:
    late = at(datetime(2026, 3, 31, 22, 30, tzinfo=UTC))  # half past midnight, 1 April
    story = [an_event(a_signal(reported_at=late))]

    assert exchanged(story, {}, MARCH) == ((), ())
    ((signal,), _) = exchanged(story, {}, APRIL)
    assert signal.signalled_on == date(2026, 4, 1)


def test_a_month_of_which_the_beginning_is_not_kept_says_from_when_it_is() -> None:
    of_february = an_event(a_signal(reported_at=at(datetime(2026, 2, 28, 12, tzinfo=UTC))))

    assert kept_from(STORY, MARCH) == date(2026, 3, 2)
    assert kept_from([*STORY, of_february], MARCH) is None
    assert kept_from(STORY, APRIL) is None
    assert kept_from([], MARCH) is None


def test_who_was_erased_is_not_reported() -> None:
    erased = HouseholdEvent(HOUSEHOLD, "erasure", NOON, erasure_requested_on=MARCH_2)

    assert exchanged([*STORY, erased], {}, MARCH) == ((), ())


def test_a_replayed_erasure_leaves_of_a_case_what_its_row_keeps() -> None:
    """What came back within two days goes, with what outreach found by then; what came later stays."""
    erased = HouseholdEvent(HOUSEHOLD, "erasure", NOON, erasure_requested_on=MARCH_2)
    soon = an_event(reported_at=NOON + DAY_MS)
    later = an_event(signal_id="s2", contract="contract-2", reported_at=NOON + 10 * DAY_MS)
    talks = [
        outcome(days, Outcome(f"o-{days}", None, ContactAttempt("PHONE", True, MARCH_2 + days, "UNKNOWN")))
        for days in (-1, 11)
    ]
    told = [soon, talks[0], later, talks[1]]
    row: HouseholdRow | None = None
    for event in (erased, *told, erased):
        row = fold(row, event, amsterdam_example()).row
    assert row is not None

    signals, (case,) = exchanged([erased, *told, erased], {}, MARCH)

    assert [each.signal_id for each in signals] == [each.signal_id for each in row.positions] == ["s2"]
    assert [each.on for each in case.attempts or ()] == [date(2026, 3, 13)]
    assert case.matched_on == date(2026, 3, 12)


def test_a_signal_of_before_an_erasure_is_reported_no_more_than_its_row_takes_it() -> None:
    """It lay unread, or was set aside and is sent again; who moves here was not erased here."""
    erased = HouseholdEvent(HOUSEHOLD, "erasure", NOON, erasure_requested_on=MARCH_2)
    arrives = replace(an_event(), event_id="residents-0-1/0/in")

    assert exchanged([erased, an_event()], {}, MARCH) == ((), ())
    ((signal,), _) = exchanged([erased, arrives], {}, MARCH)
    assert signal.signalled_on == date(2026, 3, 2)


def test_a_replayed_erasure_takes_nothing_of_a_household_that_came_back_since() -> None:
    """As of its row: what was reported within two days of it may be an event that was sent again."""
    erased = HouseholdEvent(HOUSEHOLD, "erasure", NOON, erasure_requested_on=MARCH_2)
    soon, later = (an_event(reported_at=NOON + after) for after in (2 * DAY_MS, 2 * DAY_MS + 1))

    assert exchanged([*STORY, erased, soon, erased], {}, MARCH) == ((), ())
    ((signal,), _) = exchanged([*STORY, erased, later, erased], {}, MARCH)
    assert signal.signalled_on == date(2026, 3, 4)
