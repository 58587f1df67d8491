"""What the city is made of: every number with its range, its unit and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

CHOICE = "a choice"
FITTED = "fitted"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a number: between which bounds it lies, in which unit, and who says so.

    `source` names the publication, or begins with "fitted" (to which target, see
    `eropaf.simulate.years.fit`), or is "a choice" with its reason.
    """

    low: float
    high: float
    unit: str
    source: str


def _known(value: float, low: float, high: float, unit: str, source: str) -> Any:
    return field(default=value, metadata={"known": Known(low, high, unit, source)})


class OutOfRange(ValueError):
    """A parameter lies outside the range that is known for it."""


MONTHLY = "chance a month"


@dataclass(frozen=True, slots=True)
class Parameters:
    """A city's numbers. Chances of what happens to a household are those of a mean one."""

    # How many people, and how unequal.
    inhabitants_per_dwelling: float = _known(
        1.951, 1.7, 2.3, "persons", "NUL20 dashboard: 872,380 in 447,210 dwellings, 1 January 2020"
    )
    inequality: float = _known(
        1.0,
        0.2,
        1.6,
        "sigma of the logarithm of strain, inside a neighbourhood",
        f"{CHOICE}: debts are far from evenly spread",
    )
    area_inequality: float = _known(
        0.45,
        0,
        1.2,
        "the same, between neighbourhoods",
        "derived: municipalities have 1.3 to 15.5 % in problem debt (CBS, October 2020), six sigma; that of "
        "neighbourhoods was not found",
    )
    tenancy_luck: float = _known(
        1.5,
        0.5,
        5,
        "sigma, against the logarithm of strain",
        f"{CHOICE}: who is under strain rents more often",
    )

    # How much more often than others things go wrong.
    strain_single_parent: float = _known(1.345, 0.3, 8, "times", f"{FITTED}: single parents late on health")
    strain_couple: float = _known(
        0.5148, 0.05, 2, "times", f"{FITTED}: couples without children late on health"
    )
    strain_family: float = _known(0.7194, 0.2, 3, "times", f"{FITTED}: couples with children late on health")
    strain_other: float = _known(2.0, 0.2, 5, "times", f"{CHOICE}")
    strain_assistance: float = _known(3.662, 0.5, 10, "times", f"{FITTED}: social assistance, late on health")
    strain_disability: float = _known(1.6, 0.5, 5, "times", f"{CHOICE}: between work and assistance")
    strain_pension: float = _known(0.3381, 0.02, 1, "times", f"{FITTED}: state pension, late on health")

    # Long spells of debt and short shocks of income.
    debt_months: float = _known(
        88,
        60,
        120,
        "months, mean",
        "Niet meer huishoudens met problematische schulden (CBS): stock by inflow",
    )
    debt_inflow: float = _known(0.002163, 0.0005, 0.01, MONTHLY, f"{FITTED}: share with problem debts")
    shock_inflow: float = _known(
        0.02, 0.005, 0.05, MONTHLY, f"{CHOICE}: a lost job, a divorce, a bill that was too high"
    )
    shock_months: float = _known(
        4, 2, 9, "months, mean", f"{CHOICE}: a benefit or a new job takes a quarter or two"
    )

    # Bills that are missed. Under debt and shock, `..._distress` times as often.
    health_missed: float = _known(0.002681, 0.00002, 0.1, MONTHLY, f"{FITTED}: share of health among signals")
    energy_missed: float = _known(0.0002185, 0.00002, 0.1, MONTHLY, f"{FITTED}: share of energy")
    rent_missed: float = _known(0.00165, 0.00002, 0.1, MONTHLY, f"{FITTED}: share of rent")
    water_missed: float = _known(4.999e-05, 0.00002, 0.1, MONTHLY, f"{FITTED}: share of water")
    shock_distress: float = _known(6, 2, 20, "times", f"{CHOICE}")
    debt_distress: float = _known(10, 2, 60, "times", f"{CHOICE}: most bills are paid in debt too, by turns")
    together: float = _known(
        0.8246,
        0,
        0.9,
        "share of months in which bills are missed together",
        f"{FITTED}: several signals in a month",
    )
    january_health: float = _known(
        1.948,
        1,
        8,
        "times, in January",
        f"{FITTED}: peak of March (Divosa Monitor 2022: the premium is not pre-collected)",
    )
    missed_again: float = _known(
        0.55,
        0.2,
        0.9,
        "chance to miss the next bill too, times its share of distress",
        f"{CHOICE}: arrears that stand mostly grow",
    )

    # Arrears that end.
    forgotten: float = _known(
        0.01898, 0, 0.05, "chance a month and bill", f"{FITTED}: who gets a reminder; without debt or shock"
    )
    forgotten_stays: float = _known(
        0.04,
        0.01,
        0.8,
        "chance a month to stay unpaid",
        f"{CHOICE}: most pay at the reminder; without debt or shock",
    )
    cured_in_shock: float = _known(0.25, 0.05, 0.5, MONTHLY, f"{CHOICE}")
    cured_in_debt: float = _known(
        0.12, 0.02, 0.4, MONTHLY, f"{CHOICE}: paid with what another creditor does not get"
    )
    plan_agreed: float = _known(
        0.12, 0.02, 0.3, MONTHLY, f"{CHOICE}; 21 % of households had a plan in 2022 (Nibud)"
    )
    plan_broken: float = _known(
        0.05, 0.02, 0.3, MONTHLY, f"{CHOICE}: who keeps one keeps it for a year or two"
    )
    plan_months: float = _known(
        6,
        3,
        12,
        "months that a plan takes, whatever is owed",
        "terms of landlords: 3 (Rijnhart Wonen), 6 (De Goede Woning, Wooninvest), 12 (Wierden en Borgen)",
    )
    health_cured_at_cak: float = _known(
        0.6051,
        0.02,
        4,
        "times the chance to cure or to agree on a plan, from six months",
        f"{FITTED}: over six months behind on the premium; CAK may withhold it at source",
    )

    # What creditors do, and how they deliver.
    reported: float = _known(
        0.8,
        0.3,
        1,
        "chance that arrears of the age are reported",
        f"{CHOICE}: who refused, who is being called, who pays",
    )
    rent_reported: float = _known(
        0.119,
        0.1,
        1,
        "the same, of rent",
        f"{FITTED}: corporation tenants in arrears; nine landlords of ten are in touch within a month (Aedes "
        "2021), and report what that does not end",
    )
    reported_again: float = _known(0.4291, 0.0, 1, MONTHLY, f"{FITTED}: consecutive reports")
    energy_from_months: float = _known(
        1,
        1,
        2,
        "months of arrears with energy and water",
        "from 30 days since 2023, before from 50 (BKR, May 2024)",
    )
    silent_month: float = _known(
        0.03,
        0,
        0.2,
        "chance that a creditor delivers nothing",
        f"{CHOICE}: bursts and pauses (Stadsring: erratic)",
    )
    tells_what_ended: float = _known(
        0.7, 0, 1, "share of creditors", f"{CHOICE}: they say when a bill was paid or a plan agreed"
    )
    list_day_from: float = _known(
        6, 3, 28, "day of the month", f"{CHOICE}: each city's monthly list has a day of its own from this one"
    )
    list_day_to: float = _known(
        26, 3, 28, "day of the month", f"{CHOICE}: to this one; each creditor delivers on a day before it"
    )
    paid_from_income: float = _known(
        0.6,
        0,
        1,
        "share of payments made from the 20th on",
        f"{CHOICE}: allowances, state pensions and wages come then; the rest on any day",
    )
    not_resident: float = _known(0.035, 0.03, 0.04, "share of signals", "Divosa Monitor 2024, ch. 3")
    court_order: float = _known(
        0.01404, 0.005, 0.3, MONTHLY + " from three months' rent", f"{FITTED}: evictions"
    )
    evicted: float = _known(
        0.4465, 0.1, 1, "share of orders that stand after two months", f"{FITTED}: evictions by order"
    )
    evicted_with_children: float = _known(
        0.3162,
        0.02,
        1,
        "times as often, with children",
        f"{FITTED}: evicted tenants with children; no child may lose its home so (the cabinet, as quoted in "
        "Haarlemmer Dagblad)",
    )
    end_of_delivery: float = _known(
        0.2606,
        0.005,
        0.6,
        MONTHLY + " from two months",
        f"{FITTED}: ends of delivery among signals of energy",
    )
    disconnected: float = _known(
        0.08248, 0.0002, 0.6, "share of ends of delivery", f"{FITTED}: disconnections"
    )

    # Outreach.
    picked_up: float = _known(0.8301, 0.5, 1, "share of reports of residents", f"{FITTED}: signals picked up")
    phoned: float = _known(0.1765, 0, 1, "share of reports picked up", f"{FITTED}: share reached")
    visited: float = _known(
        0.09, 0, 1, "share of reports picked up", f"{CHOICE}: 0.33 worker per 10,000 inhabitants"
    )
    messaged: float = _known(
        0.1,
        0,
        0.4,
        "share of reports picked up",
        f"{CHOICE}: e-mail, SMS or WhatsApp, where an address is known",
    )
    reached_by_message: float = _known(0.15, 0.06, 0.4, "share", f"{CHOICE}: between a letter and a call")
    reached_by_letter: float = _known(0.06, 0.05, 0.07, "share of reports", "Divosa Monitor 2023, ch. 6")
    reached_by_phone: float = _known(
        0.59, 0.5, 0.65, "share of reports, by all calls", "Divosa Monitor 2023, ch. 6"
    )
    reached_by_visit: float = _known(
        0.46, 0.4, 0.82, "share of reports, by all visits", "Divosa Monitor 2023, ch. 6; Amsterdam above it"
    )
    calls_tried: float = _known(
        3,
        1,
        6,
        "calls a report, until one is answered",
        f"{CHOICE}: three or more (Platform31); each is alike",
    )
    visits_tried: float = _known(
        2,
        1,
        4,
        "visits a report, until somebody opens",
        f"{CHOICE}: a card, and a second round in the evening",
    )
    accepts: float = _known(0.35, 0.21, 0.39, "share of those reached", "Divosa Monitor 2023, ch. 8")
    helped: float = _known(
        0.4,
        0,
        0.8,
        "share of who accepts whose arrears end in a plan that holds",
        f"{CHOICE}: no trial was found",
    )

    def __post_init__(self) -> None:
        for name, known in ranges().items():
            value = getattr(self, name)
            if not known.low <= value <= known.high:
                raise OutOfRange(
                    f"{name} is {value:g} and must lie from {known.low:g} to {known.high:g} "
                    f"({known.unit}; {known.source})"
                )


def ranges() -> dict[str, Known]:
    """Return what is known of every parameter, by its name, in order."""
    return {each.name: each.metadata["known"] for each in fields(Parameters)}
