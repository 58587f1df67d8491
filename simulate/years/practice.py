"""How another year worked: what creditors had to report, and what outreach did with it."""

from __future__ import annotations

from dataclasses import replace

from eropaf.simulate.years.parameters import Parameters

FITTED_YEAR = "2023"

# What differs from the year that the city is fitted to, each with its source. Shares that are called follow
# from the share reached: (reached - letters, messages and visits) / (0.59 - 0.06).
PRACTICES: dict[str, dict[str, float]] = {
    "2021": {
        # Energy and water reported from 50 days (BKR, May 2024): at the second monthly batch.
        "energy_from_months": 2,
        # 17 % reached, 21 % of them accepted ("Monitoring bevestigt", BKR 2022).
        "phoned": 0.123,
        "accepts": 0.21,
    },
    FITTED_YEAR: {},
    "2024": {
        # 83 % of signals picked up (Divosa Monitor 2024, ch. 3), instead of 80 %.
        "picked_up": 0.83 / 0.80,
        # A tenth more signals (Divosa Monitor 2024).
        **dict.fromkeys(("health_missed", "energy_missed", "rent_missed", "water_missed", "forgotten"), 1.1),
    },
}
FACTORS = frozenset(PRACTICES["2024"])


def of_year(parameters: Parameters, year: str) -> Parameters:
    """Return `parameters` with the practice of `year` in place of that of the year they were fitted to."""
    changed = {
        name: getattr(parameters, name) * value if name in FACTORS else value
        for name, value in PRACTICES[year].items()
    }
    return replace(parameters, **changed)
