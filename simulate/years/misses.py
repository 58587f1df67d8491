# ruff: noqa: E501  # sentences of a page
"""Why the city misses what it misses: by the target's own words."""

from __future__ import annotations

SOURCES_OF_2021 = (
    "sources of 2021 differ: the monitor, by which the practice of 2021 is set, has 17 % reached and 21 % of them "
    "accepting, the letter to Parliament 7 % and 32 %"
)
OWN_STRAIN = "strain by form and income was chosen, not fitted, for this group"
MATCHED_LESS = (
    "creditors joined all through 2021 (Divosa Monitor 2022), so that fewer were there to be matched; how many is in no "
    "source used here, and the city has those of 2023"
)
RENT = "who owes less than one month is in the published other half; the city's bills are whole, so that nobody owes less"
EVICTED = "some dozens of cases; and one in seven of the published is put out for something else than rent"

ANOTHER_SEED = "the city that was fitted, on another seed, meets it, this one does not"

WHY = {
    "water among signals": ANOTHER_SEED,
    "energy among signals": ANOTHER_SEED,
    "rent among signals": ANOTHER_SEED,
    "the same, single parents": ANOTHER_SEED,
    "the same, on social assistance": ANOTHER_SEED,
    "late on health, single": ANOTHER_SEED,
    "contacts of signals, 2024": "of the practice of 2024 one figure alone was found, the share picked up",
    "over six months behind on health": "its knob is slow: what it changes shows after years",
    "signals per 1,000, Amsterdam": "Amsterdam's figure; the city is fitted to the national one, and one seed differs from another by some percent",
    "reports picked up per 1,000, a month": ANOTHER_SEED,
    "March against the mean month": "one January's premium differs from another's by chance",
    "reports neither several nor consecutive": (
        "published shares of single, several and consecutive hardly overlap (50 + 11 + 40 %), the city's do"
    ),
    "health among signals, energy from 50 days": "energy and water reported later in 2021, which the city follows; who paid the difference is not known",
    "letters only, of approached": ("how many are written to by e-mail, SMS and WhatsApp is a choice"),
    "contacts of signals, 2021": SOURCES_OF_2021,
    "accepted of contacts, 2021": SOURCES_OF_2021,
    "the same, couples with children": ANOTHER_SEED,
    "single tenants, of evicted ones": EVICTED,
    "with children, of evicted tenants": "some dozens of cases, in the fit and here: chance alone moves it by a tenth",
    "behind on fixed costs, of those in problem debt": "who says that debts are a problem is not who is registered with them",
    "EUR of rent that a tenant in arrears owes": RENT,
    "ends of delivery, of signals of energy": ANOTHER_SEED,
    "late on health, other households": OWN_STRAIN,
    "late on health, disability benefit": OWN_STRAIN,
    "the same, couples without children": "few households: chance alone moves it by a tenth",
    "the same, on a state pension": "few households: chance alone moves it by a tenth",
    "evictions, of court orders": "some dozens of cases, in the fit and here: chance alone moves it by a tenth",
    "evictions a corporation dwelling and year": "some dozens of cases, in the fit and here: chance alone moves it by a tenth",
    "disconnections a dwelling and year": "some dozens of cases, in the fit and here: chance alone moves it by a tenth",
    "corporation tenants in arrears": ANOTHER_SEED,
    "of tenants in arrears, up to three months": RENT,
    "evictions, of reports": (
        "Amsterdam's figure; the city is fitted to the national one, which is four times as high a corporation dwelling"
    ),
    "offers of help to a household in a year, 2024": (
        "sources differ by a quarter on 2024: a tenth more signals than 2023 by the monitor, more than a million "
        "by the letter to Parliament, where 2023 had 4.0 per 1,000 a month; the city follows the monitor"
    ),
    "households with a plan in a year": "the city knows plans with four kinds of creditors; the published ones are with any, also for purchases and taxes",
    "reports with several signals, 2021": MATCHED_LESS,
    "reports neither several nor after another a month before, 2021": MATCHED_LESS,
    "of these, with another in half a year, 2024": "the city's shares overlap more than the published ones",
}
