"""Fit the city to the targets that are not held out: each knob follows one figure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from eropaf.simulate.years.course import City
from eropaf.simulate.years.measured import Figures, measured
from eropaf.simulate.years.parameters import Parameters, ranges
from eropaf.simulate.years.targets import FITTED

# The numbers of `Parameters` were found so, by `eropaf simulate fit`, from those that stood before.
DWELLINGS, YEARS, SEED, ROUNDS = 120_000, 5, 11, 7
# What a city that differs in one thing is fitted on again, from where those stand.
DWELLINGS_ANEW, ROUNDS_ANEW = 30_000, 10
# No step is longer: far from the target, a figure answers its knob otherwise than near it.
LONGEST_STEP = 2.0


@dataclass(frozen=True, slots=True)
class Knob:
    """A parameter that is turned until `figure` meets its target.

    `power` says how: the parameter is multiplied by (target / measured) to this power.
    """

    parameter: str
    figure: str
    power: float


KNOBS = (
    *(Knob(f"{name}_missed", name, 0.8) for name in ("health", "energy", "rent", "water")),
    Knob("reported_again", "consecutive", 1.0),
    Knob("together", "multiple", 1.0),
    Knob("forgotten", "owed in a year", 0.8),
    Knob("january_health", "march", 2.5),
    Knob("picked_up", "picked up", 1.0),
    Knob("phoned", "reached", 1.0),
    Knob("debt_inflow", "in debt", 1.0),
    Knob("health_cured_at_cak", "late", -0.8),
    Knob("strain_single_parent", "late SINGLE_PARENT", 0.6),
    Knob("strain_couple", "late COUPLE", 0.6),
    Knob("strain_family", "late FAMILY", 0.6),
    Knob("strain_assistance", "late ASSISTANCE", 0.6),
    Knob("strain_pension", "late PENSION", 0.6),
    Knob("evicted", "evictions of orders", 1.0),
    Knob("evicted_with_children", "evicted with children", 1.0),
    Knob("court_order", "evictions", 0.8),
    Knob("rent_reported", "rent arrears", -0.8),
    Knob("end_of_delivery", "ends of energy", 0.9),
    Knob("disconnected", "disconnections", 0.9),
)
SECTOR_FIGURES = ("health", "energy", "rent", "water")


def fitted(
    parameters: Parameters, households: int, months: int, seed: int, rounds: int
) -> Iterator[tuple[Parameters, Figures]]:
    """Yield the parameters of each round, with the figures that they gave. Nothing held out is looked at."""
    for _ in range(rounds):
        figures = measured(City.of(households, seed, parameters), months)
        yield parameters, figures
        parameters = turned(parameters, figures)


def anew(parameters: Parameters, done: Callable[[], object] = lambda: None) -> Parameters:
    """Return `parameters` turned until the city meets its targets again, whatever was changed in it.

    Else whoever compares a more unequal city compares one with more signals, too.
    """
    found = parameters
    for tried, _ in fitted(parameters, DWELLINGS_ANEW, 12 * YEARS, SEED, ROUNDS_ANEW):
        found = tried
        done()
    return found


def turned(parameters: Parameters, figures: Figures) -> Parameters:
    """Return `parameters`, each knob a step nearer to its figure's target, and inside its range."""
    aims = {target.figure: target.value for target in FITTED}
    known, changed = ranges(), dict[str, float]()
    for knob in KNOBS:
        wanted, found = aims[knob.figure], figures[knob.figure]
        if knob.figure in SECTOR_FIGURES:  # shares follow from numbers of signals
            wanted, found = wanted * aims["signals"], found * figures["signals"]
        step = (wanted / found) ** knob.power if found > 0 else LONGEST_STEP
        step = min(LONGEST_STEP, max(1 / LONGEST_STEP, step))
        bounds = known[knob.parameter]
        changed[knob.parameter] = min(
            bounds.high, max(bounds.low, getattr(parameters, knob.parameter) * step)
        )
    return replace(parameters, **changed)
