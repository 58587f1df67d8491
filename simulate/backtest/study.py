"""Courses of many cities under all arms, a row each: in order, so that a run that was ended goes on."""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from itertools import accumulate, repeat
from pathlib import Path
from signal import SIG_IGN, SIGINT, signal
from typing import Any

from eropaf.risk.policy import Policy
from eropaf.simulate.backtest.arms import ARM, NOBODY, Arm
from eropaf.simulate.backtest.course import MONTHS_BEFORE, Beginning, Unhelped, lived
from eropaf.simulate.backtest.figures import FIGURES, Figures, by_group, figures
from eropaf.simulate.backtest.groups import COLUMNS as GROUPED
from eropaf.simulate.backtest.manifest import MANIFEST, WrongStudy, claim, code, tell
from eropaf.simulate.backtest.orders import BASELINES
from eropaf.simulate.years.course import City
from eropaf.simulate.years.parameters import Parameters
from eropaf_client.files.writing import csv_line, in_its_place

RESULTS = "results.csv"
NUMBERED = (*FIGURES, *GROUPED)
COLUMNS = ("seed", *ARM, *NUMBERED)


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
            "code": code(),
            "numpy": version("numpy"),  # another one's generators may throw otherwise
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
        nobody = lived(beginning, Arm(NOBODY), first, months)
        unhelped = Unhelped.of(nobody, self.dwellings)
        found = []
        for arm in self.arms:
            course = lived(beginning, arm, rules.get(arm.order, first), months, unhelped)
            of_course = figures(course, nobody, self.dwellings, months)
            found.append({**of_course, **by_group(course, nobody, beginning, months)})
        return found


def run(
    study: Study, seeds: Sequence[int], folder: Path, jobs: int = 1, done: Callable[[], object] = lambda: None
) -> None:
    """Write `results.csv` and `manifest.json` in `folder`: what it holds of the same study is kept.

    Rows are appended seed by seed, in order. What a seed left during which a run was ended is cut off;
    nothing else ever is.

    Raises:
        WrongStudy: the folder holds another study's results, or rows that are none of this one's, or somebody
            else writes there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path, manifest = folder / RESULTS, study.manifest()
    if path.exists() and not (folder / MANIFEST).exists():
        raise WrongStudy(
            f"{path} has no {MANIFEST} beside it that says of which backtest; name another folder"
        )
    claim(folder, manifest)
    kept, size = _kept(study, path)
    for _ in kept:
        done()
    missing = [seed for seed in dict.fromkeys(seeds) if seed not in kept]
    for seed, results in zip(missing, _courses(study, missing, jobs), strict=True):
        rows = (csv_line(row_of(seed, arm, found)) for arm, found in zip(study.arms, results, strict=True))
        size = _append(path, "".join(rows).encode(), size)
        kept.append(seed)
        tell(folder, manifest, kept)
        done()


def read(path: Path) -> dict[int, dict[Arm, Figures]]:
    """Return the rows of a `results.csv`, by seed and arm. A line that has no end yet is left out.

    Raises:
        WrongStudy: the file is none of ours.
    """
    try:
        head, *lines = _lines(path.read_bytes())[0] or [[]]
    except OSError as error:
        raise WrongStudy(f"cannot read {path} ({error.strerror}); run `eropaf backtest` first") from None
    if tuple(head) != COLUMNS:
        raise WrongStudy(f"{path} has other columns than a backtest writes; name its folder")
    results: dict[int, dict[Arm, Figures]] = {}
    for number, line in enumerate(lines, 2):
        try:
            row = dict(zip(COLUMNS, line, strict=True))
            results.setdefault(int(row["seed"]), {})[Arm.read(row)] = {
                name: float(row[name] or "nan") for name in NUMBERED
            }
        except ValueError as error:
            raise WrongStudy(f"line {number} of {path} is none that a backtest writes ({error})") from None
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


def _kept(study: Study, path: Path) -> tuple[list[int], int]:
    """Return the seeds that the results hold as a whole, and their size in bytes; cut off what is left.

    Raises:
        WrongStudy: there are rows of something else, which are left as they are.
    """
    head = csv_line(COLUMNS).encode()
    data = path.read_bytes() if path.exists() else b""
    if len(data) < len(head) and head.startswith(data):
        with in_its_place(path, replace=True) as file:
            file.write(head)
        return [], len(head)
    lines, ends = _lines(data)
    if not lines or tuple(lines[0]) != COLUMNS:
        raise WrongStudy(f"{path} has other columns than a backtest writes; nothing was changed")
    kept, arms = list[int](), [list(arm.cells) for arm in study.arms]
    for at, line in enumerate(lines[1:]):
        begins, arm = lines[1 + at - at % len(arms)], arms[at % len(arms)]
        if len(line) != len(COLUMNS) or line[: 1 + len(ARM)] != [begins[0], *arm]:
            raise WrongStudy(
                f"line {at + 2} of {path} is none of this backtest; nothing was changed. Mend the file, or "
                "name another folder"
            )
        if at % len(arms) == len(arms) - 1:
            kept.append(int(line[0]))
    size = ends[len(kept) * len(arms)]
    os.truncate(path, size)
    return kept, size


def _lines(data: bytes) -> tuple[list[list[str]], list[int]]:
    """Return the cells of every line that has its end, and where the next one begins, in bytes."""
    whole = data[: data.rfind(b"\n") + 1].splitlines(keepends=True)
    cells = csv.reader(line.decode("utf-8", "replace") for line in whole)
    return list(cells), list(accumulate(map(len, whole)))


def _append(path: Path, rows: bytes, size: int) -> int:
    """Append a seed's rows where nobody else did; return how large the file is then."""
    with path.open("ab") as file:
        if file.tell() != size:
            raise WrongStudy(
                f"{path} changed while this backtest ran: another one writes there. Let it end, then start "
                "again: what stands is gone on from"
            )
        file.write(rows)
    return size + len(rows)


def row_of(seed: int, arm: Arm, found: Figures) -> list[object]:
    """Return a city under an arm as a line of `results.csv`: read again, each number is the same."""
    return [seed, *arm.cells, *(None if found[name] != found[name] else found[name] for name in NUMBERED)]
