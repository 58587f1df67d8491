"""What a course of the city comes to, in the figures that are published."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eropaf.simulate.years.course import City, Month
from eropaf.simulate.years.outreach import LETTER, NOT_PICKED_UP, PHONE, VISIT
from eropaf.simulate.years.population import Form, Income, Tenancy
from eropaf.simulate.years.sectors import NAMES

LOOK_BACK_MONTHS = 6
# Persons who have a premium to pay, by form of household; of others a choice. CBS counts persons: who is late
# with a premium is so with every adult of the household, since the city has one health bill for all of them.
ADULTS = {Form.SINGLE: 1, Form.SINGLE_PARENT: 1, Form.COUPLE: 2, Form.FAMILY: 2, Form.OTHER: 2}
MARCH = 2
Figures = dict[str, float]


def measured(city: City, months: int) -> Figures:
    """Return the figures of `city` over `months`, which are whole years. A figure of nobody is nan."""
    tally = Tally(city)
    for month in city.months(months):
        tally.add(month)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {name: float(figure) for name, figure in tally.figures(months).items()}


class Tally:
    """Sums over the months of a city, of which `figures` come."""

    def __init__(self, city: City) -> None:
        self.city, self.sums = city, dict[str, float]()
        self.by_calendar_month = np.zeros(12)
        # Month of each household's newest report.
        self.newest = np.full(len(city.population), -LOOK_BACK_MONTHS - 1)
        self.owed_in_year = np.zeros(len(city.population), np.bool_)
        self.plan_in_year = np.zeros(len(city.population), np.bool_)
        self.adults = np.array([ADULTS[form] for form in Form], np.float64)[city.population.form]
        self.corporation = city.population.tenancy == Tenancy.CORPORATION

    def count(self, **counts: float) -> None:
        """Add to sums, by name."""
        for name, number in counts.items():
            self.sums[name] = self.sums.get(name, 0) + float(number)

    def add(self, month: Month) -> None:
        """Take a month in, after those before it."""
        signals = month.signals
        self.count(signals=len(signals.household), not_resident=(~signals.resident).sum())
        for number, name in enumerate(NAMES):
            self.count(**{name: (signals.sector == number).sum()})
        self.by_calendar_month[month.number % 12] += len(signals.household)
        evicted = self.city.population.form[month.steps.evictions[self.corporation[month.steps.evictions]]]
        self.count(ends=len(month.steps.ends_of_delivery))
        for form in Form:
            self.count(**{f"evicted {form.name}": (evicted == form).sum()})
        self._add_reports(month)
        self._add_standing(month)
        self._add_years(month)

    def _add_reports(self, month: Month) -> None:
        worked, reports = month.worked, month.worked.reports
        several = reports.creditors > 1
        months_since = month.number - self.newest[reports.household]
        consecutive = months_since <= LOOK_BACK_MONTHS
        self.newest[reports.household] = month.number
        taken = worked.channel != NOT_PICKED_UP
        self.count(
            reports=len(several),
            multiple=several.sum(),
            consecutive=consecutive.sum(),
            single=(~several & ~consecutive).sum(),
            single_by_month=(~several & (months_since > 1)).sum(),
            picked_up=taken.sum(),
            signals_picked_up=reports.creditors[taken].sum(),
            reached=worked.reached.sum(),
            accepted=worked.accepted.sum(),
        )
        for name, channel in (("letter", LETTER), ("phone", PHONE), ("visit", VISIT)):
            by = worked.channel == channel
            self.count(**{f"by_{name}": by.sum(), f"reached_by_{name}": worked.reached[by].sum()})

    def _add_standing(self, month: Month) -> None:
        standing = month.standing
        self.count(
            debts_begun=month.debts_begun,
            in_debt=standing.in_debt,
            in_debt_owing=standing.in_debt_owing,
            # Those that are published are of corporations; the city's private tenants are put out too.
            court_orders=self.corporation[month.steps.court_orders].sum(),
            evictions=self.corporation[month.steps.evictions].sum(),
            disconnections=len(month.steps.disconnections),
            rent_arrears=len(standing.rent_bills),
            rent_to_three=(standing.rent_bills <= 3).sum(),
            rent_eur=standing.rent_eur.sum(),
            late=np.average(standing.late_on_health, weights=self.adults),
        )
        for kind in (*Form, *Income):
            who = self._of(kind)
            late = np.average(standing.late_on_health[who], weights=self.adults[who]) if who.any() else np.nan
            self.count(**{f"late {kind.name}": late})

    def _add_years(self, month: Month) -> None:
        self.owed_in_year |= month.owes
        self.plan_in_year |= month.planned
        if month.number % 12 == 11:
            self.count(owed_in_year=self.owed_in_year.sum(), plan_in_year=self.plan_in_year.sum())
            self.owed_in_year[:] = self.plan_in_year[:] = False

    def _of(self, kind: Form | Income) -> NDArray[np.bool_]:
        people = self.city.population
        kinds = people.form if isinstance(kind, Form) else people.income
        return np.equal(kinds, int(kind))

    def figures(self, months: int) -> dict[str, np.float64]:
        """Return what the months taken in come to, `months` of them."""
        s = {name: np.float64(number) for name, number in self.sums.items()}
        dwellings = np.float64(len(self.city.population))
        thousands = dwellings * self.city.parameters.inhabitants_per_dwelling * months / 1000
        corporation = np.float64(self.corporation.sum())
        years = months / 12
        # An end of delivery that is announced is a signal of energy too (since April 2023).
        told, energy = s["signals"] + s["ends"], s["energy"] + s["ends"]
        return {
            "signals": told / thousands,
            **{name: s[name] / told for name in NAMES},
            "energy": energy / told,
            "ends of energy": s["ends"] / energy,
            "reports": s["picked_up"] / thousands,
            "reports of households": s["picked_up"] / years / dwellings,
            "not single": (s["reports"] - s["single"]) / s["reports"],
            "multiple": s["multiple"] / s["reports"],
            "consecutive": s["consecutive"] / s["reports"],
            "single": s["single"] / s["reports"],
            "single by the month": s["single_by_month"] / s["reports"],
            "march": self.by_calendar_month[MARCH] / self.by_calendar_month.mean(),
            "picked up": s["signals_picked_up"] / s["signals"],
            "not resident": s["not_resident"] / s["signals"],
            "reached": s["reached"] / s["picked_up"],
            **{by: s[f"reached_{by}"] / s[by] for by in ("by_letter", "by_phone", "by_visit")},
            "letters only": s["by_letter"] / s["picked_up"],
            "accepted of reached": s["accepted"] / s["reached"],
            "accepted of reports": s["accepted"] / s["picked_up"],
            "contacts of signals": s["reached"] / s["signals"],
            "accepted of signals": s["accepted"] / s["signals"],
            "in debt": s["in_debt"] / months / dwellings,
            "debts begun": s["debts_begun"] / s["in_debt"],
            "owing in debt": s["in_debt_owing"] / s["in_debt"],
            "late": s["late"] / months,
            **{name: number / months for name, number in s.items() if name.startswith("late ")},
            "rent arrears": s["rent_arrears"] / months / corporation,
            "rent to three": s["rent_to_three"] / s["rent_arrears"],
            "rent debt": s["rent_eur"] / s["rent_arrears"],
            "evicted single": s["evicted SINGLE"] / s["evictions"],
            "evicted with children": (s["evicted SINGLE_PARENT"] + s["evicted FAMILY"]) / s["evictions"],
            "evictions of orders": s["evictions"] / s["court_orders"],
            "evictions": s["evictions"] / years / corporation,
            "evictions of reports": s["evictions"] / s["reports"],
            "disconnections": s["disconnections"] / years / dwellings,
            "owed in a year": s["owed_in_year"] / years / dwellings,
            "plan in a year": s["plan_in_year"] / years / dwellings,
        }
