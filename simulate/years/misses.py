# ruff: noqa: E501  # sentences of a page
"""Why the city misses what it misses: by the target's own words."""

from __future__ import annotations

ANOTHER_YEAR = "another year, when another share was called; the city has one year's practice, that of 2023"
TOO_FEW = (
    "signals come from too few households, again and again. Spells of debt are as long as published; who is "
    "in debt misses bills all along, and no short trouble of many households is modelled beside it"
)
OWN_STRAIN = "strain by form and income was chosen, not fitted, for this group"
RENT = (
    "arrears of rent end too soon: the city knows no arrears of years that stand still, nor those of "
    "tenants who left, which the published total may include"
)

WHY = {
    "reports with several signals in the month": "its knob stands at the end of its range; more needs health reported earlier",
    "contacts of signals, 2024": "2024, when more was called than in 2023; the city has one year's practice",
    "reports neither several nor consecutive": (
        "published shares of single, several and consecutive hardly overlap (50 + 11 + 40 %), the city's do"
    ),
    "health among signals, 2021": "2021, before water and energy reported from thirty days; the city is fitted to 2023",
    "letters only, of approached": (
        "many of whom calls and visits reach were called and visited; here each report has one channel, so that fewer suffice"
    ),
    "contacts of signals, 2021": ANOTHER_YEAR,
    "accepted of contacts, 2021": ANOTHER_YEAR,
    "late on health, single": OWN_STRAIN,
    "late on health, with children": f"{OWN_STRAIN}; the source is of unmarried couples, the city of all",
    "late on health, other households": OWN_STRAIN,
    "late on health, disability benefit": OWN_STRAIN,
    "the same, couples without children": "fewer than forty households of a city of 45,000: chance alone moves it by a tenth",
    "the same, on a state pension": "a dozen households of a city of 45,000: chance alone moves it by a tenth",
    "evictions, of court orders": "fitted on some thirty evictions (20,000 dwellings, three years), so that the knob followed chance; fit on a larger city",
    "evictions a corporation dwelling and year": "fitted on a dozen cases (20,000 dwellings, three years), so that the knob followed chance; fit on a larger city",
    "disconnections a dwelling and year": "fitted on a dozen cases (20,000 dwellings, three years), so that the knob followed chance; fit on a larger city",
    "corporation tenants in arrears": RENT,
    "of these, up to three months": RENT,
    "evictions, of reports": (
        "Amsterdam's figure; the city is fitted to the national one, which is four times as high a corporation dwelling"
    ),
    "households offered help in a year": TOO_FEW,
    "of these, several in half a year": (
        "the source counts creditors' arrears, among them such as nobody picked up; the city counts signals picked up"
    ),
}
