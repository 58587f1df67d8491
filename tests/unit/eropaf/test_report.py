"""A month as the national exchange model wants it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from eropaf.report.ddas import Month, exchanged
from eropaf.risk.events import ContactAttempt, Outcome
from eropaf.risk.records import DAY_MS, HouseholdEvent
from eropaf_client.files.ddas_exchange import Delivery, ExchangedAttempt, ExchangeFile, to_json
from tests.builders import HOUSEHOLD, MARCH_2, NOON, a_signal, an_event
from tests.ddas_schema import faults

MARCH = Month(date(2026, 3, 1), date(2026, 3, 31))


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


def test_who_was_erased_is_not_reported() -> None:
    erased = HouseholdEvent(HOUSEHOLD, "erasure", NOON, erasure_requested_on=MARCH_2)

    assert exchanged([*STORY, erased], {}, MARCH) == ((), ())
