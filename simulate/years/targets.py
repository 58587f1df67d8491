# ruff: noqa: E501  # rows of a table
"""Published figures that the city is held to: two thirds to fit on, one third to judge by.

What follows from others or was put in stands beside them, and is counted in neither.
"""

from __future__ import annotations

from dataclasses import dataclass

from eropaf.simulate.years.practice import FITTED_YEAR

TOLERANCE = 0.10


@dataclass(frozen=True, slots=True)
class Target:
    """A published figure: `figure` is its name in `measured`.

    `low` and `high` are the source's own range, or that of two sources, where there is one. `held_out` ones
    are never turned to when the city is fitted. `follows` says from what the city's figure follows by itself:
    met or not, it tests nothing, and is counted in neither. `year` is the practice under which the city is judged.
    """

    what: str
    figure: str
    value: float
    source: str
    held_out: bool = False
    low: float | None = None
    high: float | None = None
    year: str = FITTED_YEAR
    follows: str = ""

    @property
    def counted(self) -> bool:
        """Say whether it tests anything: whether the city could have missed it."""
        return not self.follows

    def met(self, measured: float) -> bool:
        """Say whether `measured` lies within 10 % of the target, or inside the source's own range."""
        low = self.value * (1 - TOLERANCE) if self.low is None else min(self.low, self.value * 0.9)
        high = self.value * (1 + TOLERANCE) if self.high is None else max(self.high, self.value * 1.1)
        return low <= measured <= high


MONITOR_2023 = "Divosa Monitor 2023"
PREMIUM = "CBS 81064ned, 81066ned: over six months behind on the premium, persons, 31 December 2024"
CORPORATION_DWELLINGS = 2_300_000  # national, derived: the denominator is in no source used here
LETTER_2025 = "Kamerbrief 24515-812 (June 2025)"
DUTCH_HOUSEHOLDS = 8_400_000  # national, derived likewise
# 81066ned has partners in married and unmarried couples apart, each with a number and a rounded percentage: together
# here, as the city has them, and as far as the rounding lets it be.
COUPLES = f"{PREMIUM}; married and unmarried, derived"

FITTED = (
    Target("signals per 1,000 inhabitants, a month", "signals", 4.0, MONITOR_2023),
    Target("health among signals", "health", 0.45, MONITOR_2023),
    Target("energy among signals", "energy", 0.25, MONITOR_2023),
    Target("rent among signals", "rent", 0.19, MONITOR_2023),
    Target("water among signals", "water", 0.11, f"{MONITOR_2023}: the rest, derived", follows="the rest of the other three"),
    Target("reports with several signals in the month", "multiple", 0.11, f"{MONITOR_2023}, ch. 5"),
    Target("reports after another in six months", "consecutive", 0.40, f"{MONITOR_2023}, ch. 5"),
    Target("March against the mean month", "march", 4.1 / 3.3, "Divosa Monitor 2022"),
    Target("signals picked up", "picked up", 0.80, "Nieuwe cijfers (BKR, May 2024); 2024: 83 %", high=0.83),
    Target("signals about non-residents", "not resident", 0.035, "Divosa Monitor 2024, ch. 3", low=0.03, high=0.04, follows="put in: `not_resident`"),
    Target("reached, of reports", "reached", 0.20, "Nieuwe cijfers (BKR, May 2024)"),
    Target("reached by letters only", "by_letter", 0.06, f"{MONITOR_2023}, ch. 6", follows="put in: `reached_by_letter`"),
    Target("reached, a phone call among attempts", "by_phone", 0.59, f"{MONITOR_2023}, ch. 6", follows="put in: `reached_by_phone`"),
    Target("reached, a visit among attempts", "by_visit", 0.46, f"{MONITOR_2023}, ch. 6", follows="put in: `reached_by_visit`"),
    Target("help accepted, of those reached", "accepted of reached", 0.35, f"{MONITOR_2023}, ch. 8", follows="put in: `accepts`"),
    Target("households with a reminder in a year", "owed in a year", 1 / 3, "Nibud 2022: one third"),
    Target("households in problem debt", "in debt", 0.12, "Schuldenmonitor 2023 (O&S Amsterdam)", low=0.104),
    Target("over six months behind on health", "late", 0.012, PREMIUM),
    Target("the same, single parents", "late SINGLE_PARENT", 0.028, PREMIUM),
    Target("the same, couples without children", "late COUPLE", 23_080 / 5_048_000, COUPLES, low=0.0036, high=0.0054),
    Target("the same, couples with children", "late FAMILY", 39_590 / 4_257_000, COUPLES, low=0.0086, high=0.0100),
    Target("the same, on social assistance", "late ASSISTANCE", 0.048, PREMIUM),
    Target("the same, on a state pension", "late PENSION", 0.002, PREMIUM),
    Target("evictions, of court orders", "evictions of orders", 0.25, "Huisuitzettingen 2014: 5,900 of 23,500"),
    Target(
        "evictions a corporation dwelling and year", "evictions", 1_400 / CORPORATION_DWELLINGS,
        "Aantal huurachterstanden (2022): 1,400 in 2021, 1,720 in 2020", high=1_720 / CORPORATION_DWELLINGS,
    ),
    Target(
        "corporation tenants in arrears", "rent arrears", 113_000 / CORPORATION_DWELLINGS,
        "Aantal huurachterstanden (2022): end of 2021; 150,000 end of 2020", high=150_000 / CORPORATION_DWELLINGS,
    ),
    Target("with children, of evicted tenants", "evicted with children", 0.10, "Het aantal huisuitzettingen daalt (Trouw 2018): Aedes, 2017"),
    Target("ends of delivery, of signals of energy", "ends of energy", 0.22, "Bij vroegsignaal (gemeente.nu, October 2024): 2023, from April; 2024 a quarter", high=0.25),
    Target(
        "disconnections a dwelling and year", "disconnections", 2_040 / 8_600_000,
        "Netbeheer Nederland 2022: electricity",
    ),
)  # fmt: skip


def _held_out(*rows: tuple[str, str, float, str]) -> tuple[Target, ...]:
    return tuple(Target(what, figure, value, source, held_out=True) for what, figure, value, source in rows)


HELD_OUT = (
    *_held_out(
        ("reports neither several nor consecutive", "single", 0.50, f"{MONITOR_2023}, ch. 5"),
        ("late on health, single", "late SINGLE", 0.015, PREMIUM),
        ("late on health, other households", "late OTHER", 0.030, PREMIUM),
        ("late on health, disability benefit", "late DISABILITY", 0.021, PREMIUM),
        ("households with a plan in a year", "plan in a year", 0.21, "Nibud 2022: 21 %"),
        ("of tenants in arrears, up to three months", "rent to three", 0.52, "Aantal huurachterstanden (2022): just over half"),
        ("single tenants, of evicted ones", "evicted single", 0.79, "Dalend aantal huisuitzettingen (Gelderlander 2017): Aedes, 2016"),
        ("behind on fixed costs, of those in problem debt", "owing in debt", 0.43, "Schuldenmonitor 2022 (O&S Amsterdam): of those who say that their debts are a problem"),
    ),
    Target(
        "EUR of rent that a tenant in arrears owes", "rent debt", 205_000_000 / 113_000,
        "Aantal huurachterstanden (2022): 205 million; 226 million at 150,000 end of 2020", held_out=True, low=226_000_000 / 150_000,
    ),
    Target("health among signals, energy from 50 days", "health", 0.52, "Monitoring bevestigt (BKR 2022): 2021; Divosa Monitor 2022: 45 %", held_out=True, low=0.45, year="2021"),
    Target("reports with several signals, 2021", "multiple", 0.04, "Monitoring bevestigt (BKR 2022)", held_out=True, year="2021"),
    Target(
        "reports neither several nor after another a month before, 2021", "single by the month", 0.735,
        "Monitoring bevestigt (BKR 2022); Nautus", held_out=True, low=0.73, high=0.74, year="2021",
    ),
)  # fmt: skip

# Published too, but what the city has here follows from what it was fitted to, or from what was put in.
SAME_SIGNALS = "fitted: the same figure, of another place or time"
REACHED_OF_REPORTS, ACCEPTED_OF_REACHED = "reached, of reports", "help accepted, of those reached"
FOLLOWING = (
    Target("reports picked up per 1,000, a month", "reports", 2.9, MONITOR_2023, follows="signals, times those picked up, by reports with several"),
    Target("signals per 1,000, first half of 2023", "signals", 3.8, "Toenemend aantal (Divosa 2023)", follows=SAME_SIGNALS),
    Target("signals per 1,000, energy from 50 days", "signals", 3.3, "Divosa Monitor 2022; second half of 2021: 3.4", high=3.4, year="2021", follows="fitted: health among signals and their number; held out: its share then"),
    Target("signals per 1,000, Amsterdam", "signals", 4.2, "Recordaantal (2024), derived", follows=SAME_SIGNALS),
    Target("help accepted, of reports", "accepted of reports", 0.07, f"{MONITOR_2023}, ch. 8", follows=f"{REACHED_OF_REPORTS}, times {ACCEPTED_OF_REACHED}"),
    Target("letters only, of approached", "letters only", 388_005 / 620_000, f"{MONITOR_2023}, ch. 6, derived", follows="put in: `visited`, `messaged`; fitted: `phoned`"),
    Target("contacts of signals, 2024", "contacts of signals", 0.157, LETTER_2025, year="2024", follows=f"{REACHED_OF_REPORTS}, times signals picked up"),
    Target("accepted of signals, 2024", "accepted of signals", 0.049, LETTER_2025, year="2024", follows=f"the row above, times {ACCEPTED_OF_REACHED}"),
    Target("contacts of signals, 2021", "contacts of signals", 47 / 650, LETTER_2025, year="2021", follows="put in: `phoned` of 2021"),
    Target("accepted of contacts, 2021", "accepted of reached", 15 / 47, LETTER_2025, year="2021", follows="put in: `accepts` of 2021"),
    Target("debts begun, of the stock, a month", "debts begun", 0.0114, "CBS 2021: 7,000 of 614,000", follows="put in: `debt_months`, its inverse"),
    Target("evictions, of reports", "evictions of reports", 32 / 46_000, "Parool; Amsterdam 2022, derived", follows="evictions, by reports"),
    Target(
        "offers of help to a household in a year, 2024", "reports of households", 800_000 / (0.94 * DUTCH_HOUSEHOLDS),
        "Gemeenten zien meer signalen (ANP, April 2025): almost 800,000 in 2024, derived", year="2024", follows="reports picked up, by household",
    ),
    Target(
        "of these, with another in half a year, 2024", "not single", 0.49, "the same: almost half", year="2024",
        follows="all but those neither several nor consecutive, which is held out",
    ),
)  # fmt: skip

TARGETS = FITTED + HELD_OUT + FOLLOWING
