"""Courses of many cities under all arms, a row each: in order, so that a run that was ended goes on."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from importlib import resources
from importlib.metadata import version
from itertools import repeat
from pathlib import Path
from signal import SIG_IGN, SIGINT, signal
from typing import Any

from eropaf.risk.policy import Policy
from eropaf.simulate.backtest.arms import NOBODY, Arm, Channel, Delivery, Effect
from eropaf.simulate.backtest.course import MONTHS_BEFORE, Beginning, lived
from eropaf.simulate.backtest.days import MONTHS_OF_A_YEAR
from eropaf.simulate.backtest.figures import FIGURES, Figures, by_group, figures
from eropaf.simulate.backtest.groups import COLUMNS as GROUPED
from eropaf.simulate.backtest.orders import BASELINES
from eropaf.simulate.years.course import City
from eropaf.simulate.years.parameters import Parameters
from eropaf_client.files.writing import csv_line, in_its_place

RESULTS, MANIFEST = "results.csv", "manifest.json"
ARM = ("order", "delivery", "workers", "channel", "effect")
NUMBERED = (*FIGURES, *GROUPED)
COLUMNS = ("seed", *ARM, *NUMBERED)


class WrongStudy(ValueError):
    """What was asked for cannot be run, or is not what the folder holds; the message says why."""


@dataclass(frozen=True, slots=True)
class Study:
    """Cities of so many dwellings, lived through for so many months that count, under every arm.

    `policies` are texts by version, the first one first: its list is the one that baselines put in order.
    """

    dwellings: int
    months: int
    arms: tuple[Arm, ...]
    policies: Mapping[str, str]
    parameters: Parameters = field(default_factory=Parameters)

    def __post_init__(self) -> None:
        for arm in self.arms:
            if arm.order not in BASELINES and arm.order not in self.policies:
                known = ", ".join((*self.policies, *BASELINES))
                raise WrongStudy(f"there is no order {arm.order}; there are {known}")

    def manifest(self) -> dict[str, Any]:
        """Return what the results follow from, seeds aside."""
        return {
            "eropaf": version("eropaf"),
            "code": _code(),
            "dwellings": self.dwellings,
            "months": self.months,
            "arms": [arm.name for arm in self.arms],
            "policies": {
                name: hashlib.sha256(text.encode()).hexdigest() for name, text in self.policies.items()
            },
            "parameters": asdict(self.parameters),
        }

    def of_seed(self, seed: int) -> list[Figures]:
        """Return the figures of every arm in the city of `seed`, in order."""
        rules = {name: Policy.parse(text) for name, text in self.policies.items()}
        first = next(iter(rules.values()))
        beginning = Beginning.of(City.of(self.dwellings, seed, self.parameters))
        months = self.months + MONTHS_BEFORE
        # For a year longer: harm that an attempt of the last month precedes.
        nobody = lived(beginning, Arm(NOBODY), first, months + MONTHS_OF_A_YEAR)
        moments = nobody.harms.moments()
        found = []
        for arm in self.arms:
            course = lived(beginning, arm, rules.get(arm.order, first), months, moments)
            of_course = figures(course, nobody, self.dwellings, months)
            found.append({**of_course, **by_group(course, nobody, beginning, months)})
        return found


def _code() -> str:
    """Return the sha256 of what every figure follows from, beside the parameters: the city and the rules."""
    digest = hashlib.sha256()
    for package in ("eropaf.risk", "eropaf.simulate.years", "eropaf.simulate.backtest"):
        for file in sorted(resources.files(package).iterdir(), key=lambda each: each.name):
            if file.name.endswith(".py"):
                digest.update(file.read_bytes())
    return digest.hexdigest()


def run(
    study: Study, seeds: Sequence[int], folder: Path, jobs: int = 1, done: Callable[[], object] = lambda: None
) -> None:
    """Write `results.csv` and `manifest.json` in `folder`: what it holds of the same study is kept.

    Rows are appended seed by seed, in order, so that what stands is always whole seeds.

    Raises:
        WrongStudy: the folder holds another study's results.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _claim(study, folder)
    kept = _kept(study, folder / RESULTS)
    _rewrite(folder / RESULTS, kept)
    for _ in kept:
        done()
    missing = [seed for seed in seeds if seed not in kept]
    with (folder / RESULTS).open("a", encoding="utf-8", newline="") as file:
        for seed, results in zip(missing, _courses(study, missing, jobs), strict=True):
            for arm, found in zip(study.arms, results, strict=True):
                file.write(csv_line(row_of(seed, arm, found)))
            file.flush()
            done()


def read(path: Path) -> dict[int, dict[Arm, Figures]]:
    """Return the rows of a `results.csv`, by seed and arm.

    Raises:
        WrongStudy: the file is none of ours.
    """
    results: dict[int, dict[Arm, Figures]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            if tuple(rows.fieldnames or ()) != COLUMNS:
                raise WrongStudy(f"{path} has other columns than a backtest writes; name its folder")
            for row in rows:
                if None in row.values() or None in row:
                    continue  # the line during which a run was ended
                results.setdefault(int(row["seed"]), {})[_arm(row)] = {
                    name: float(row[name] or "nan") for name in NUMBERED
                }
    except OSError as error:
        raise WrongStudy(f"cannot read {path} ({error.strerror}); run `eropaf backtest` first") from None
    return results


def _courses(study: Study, seeds: Sequence[int], jobs: int) -> Iterator[list[Figures]]:
    if jobs == 1:
        yield from map(study.of_seed, seeds)
        return
    # Ctrl-C is for this process, which ends the others once each has lived through its city.
    pool = ProcessPoolExecutor(jobs, initializer=signal, initargs=(SIGINT, SIG_IGN))
    try:
        yield from pool.map(Study.of_seed, repeat(study, len(seeds)), seeds)
    finally:
        pool.shutdown(cancel_futures=True)


def _claim(study: Study, folder: Path) -> None:
    """Write the manifest, or refuse where another study's stands."""
    path, mine = folder / MANIFEST, study.manifest()
    if not path.exists():
        with in_its_place(path, replace=False) as file:
            file.write((json.dumps(mine, indent=2) + "\n").encode())
        return
    try:
        theirs = json.loads(path.read_text("utf-8"))
    except ValueError:
        raise WrongStudy(f"{path} is no manifest; name another folder") from None
    differ = [name for name in mine if not isinstance(theirs, dict) or theirs.get(name) != mine[name]]
    if differ:
        raise WrongStudy(
            f"{folder} holds results of another backtest: {', '.join(differ)} differ. Name another "
            "folder, or delete this one"
        )


def _kept(study: Study, path: Path) -> dict[int, dict[Arm, Figures]]:
    """Return the seeds that are there as a whole."""
    if not path.exists():
        return {}
    arms = set(study.arms)
    return {seed: rows for seed, rows in read(path).items() if set(rows) == arms}


def _rewrite(path: Path, kept: Mapping[int, Mapping[Arm, Figures]]) -> None:
    """Leave whole seeds alone in the file: what was written of another one goes."""
    with in_its_place(path, replace=True) as file:
        file.write(csv_line(COLUMNS).encode())
        for seed, rows in kept.items():
            for arm, found in rows.items():
                file.write(csv_line(row_of(seed, arm, found)).encode())


def row_of(seed: int, arm: Arm, found: Figures) -> list[str]:
    """Return a city under an arm as a line of `results.csv`."""
    cells = ["" if found[name] != found[name] else f"{found[name]:.10g}" for name in NUMBERED]
    return [str(seed), arm.order, arm.delivery, f"{arm.workers:g}", arm.channel, arm.effect, *cells]


def _arm(row: Mapping[str, str]) -> Arm:
    return Arm(
        row["order"],
        Delivery(row["delivery"]),
        float(row["workers"]),
        Channel(row["channel"]),
        Effect(row["effect"]),
    )
