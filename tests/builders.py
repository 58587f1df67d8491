"""Builders: a test says only what matters to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any

from eropaf.risk.identity import household_key
from eropaf.risk.policy import Policy
from eropaf.risk.records import DAY_MS, Address, HouseholdEvent, Signal
from eropaf.risk.told import HouseholdRisk
from eropaf.risk.zone import civil_zone
from eropaf_client.records import ArrearsSignal, PartnerType, Resident, SignalKind

SECRET = b"a secret of the tests"
HOME = Address("1011AB", 12, "")
HOUSEHOLD = household_key(HOME, SECRET)
# 2 March 2026
MARCH_2 = 20514
NOON = MARCH_2 * DAY_MS + DAY_MS // 2


AMSTERDAM_EXAMPLE = (resources.files("eropaf.risk") / "policies" / "amsterdam-example.toml").read_text(
    "utf-8"
)
# What a municipality adds that counts minor children; its version must then be another.
MINOR_CHILDREN = """
[minor_children]
points = 15
legal_basis = "decision of the council of 1 February 2026"
"""

# What a municipality adds that takes contact slips; the same holds.
CONTACT_SLIPS = """
[contact_slips]
legal_basis = "Besluit gemeentelijke schuldhulpverlening art. 2"
"""

# What a municipality adds that has creditors asked before a visit; the same holds.
STILL_OPEN = """
[still_open]
legal_basis = "the agreement with the creditors"
"""


def amsterdam_example() -> Policy:
    """Return the shipped policy."""
    return Policy.parse(AMSTERDAM_EXAMPLE)


def everyone_may_signal() -> Policy:
    """Return the shipped policy with a ground for every kind of creditor, so that each can be looked at."""
    shipped = amsterdam_example()
    partners = {
        kind: replace(rules, grounded=True, ground_until=None) for kind, rules in shipped.partners.items()
    }
    return replace(shipped, partners=partners)


def families_count() -> Policy:
    """Return the shipped policy, with minor children counted."""
    return Policy.parse(AMSTERDAM_EXAMPLE.replace("amsterdam-example-3", "families-1") + MINOR_CHILDREN)


def day_of(at: int) -> int:
    """Return the day of a moment in Amsterdam."""
    return civil_zone("Europe/Amsterdam").day_of(at)


def in_days(days: int) -> str:
    """Return the date so many days from today on, by UTC, as it is typed."""
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def a_signal(**changes: Any) -> Signal:
    """Make a signal: EUR 1,100 of rent behind on a bill of EUR 550, which is two months."""
    signal = Signal(
        signal_id="signal-1",
        creditor="rent",
        contract="contract-1",
        kind="REPORTED",
        partner_type="RENT",
        amount_cents=110_000,
        monthly_bill_cents=55_000,
        arrears_since=None,
        reported_at=NOON,
        version=1,
        own_effort=None,
        crisis_kind=None,
        crisis_on=None,
        handover_wish=False,
    )
    return replace(signal, **changes)


def an_event(signal: Signal | None = None, address: Address = HOME, **changes: Any) -> HouseholdEvent:
    """Make the event that `signal`, or one with `changes`, is for the household at `address`."""
    signal = signal or a_signal(**changes)
    return HouseholdEvent(
        household_key(address, SECRET), "arrears.rent-0-0", signal.reported_at, address, signal
    )


def a_risk(**changes: Any) -> HouseholdRisk:
    """Make the risk of a household with two months of rent behind: 40 points."""
    risk = HouseholdRisk(
        household=HOUSEHOLD,
        sequence=1,
        address=HOME,
        score=4_000,
        open_positions=1,
        creditors=1,
        months_behind=200,
        threatening=False,
        crisis_on=None,
        ended_by="OPEN",
        policy_version="amsterdam-example-3",
        at=NOON,
    )
    return replace(risk, **changes)


def an_arrears_signal(**changes: Any) -> ArrearsSignal:
    """Make a signal as a creditor publishes it: two months of rent behind."""
    signal = ArrearsSignal(
        signal_id="signal-1",
        contract="contract-1",
        kind=SignalKind.REPORTED,
        partner_type=PartnerType.RENT,
        amount_cents=110_000,
        monthly_bill_cents=55_000,
        reported_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
        version=1,
        resident=Resident(postcode="1011 ab", house_number="12"),
    )
    return replace(signal, **changes)
