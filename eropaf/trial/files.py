"""A trial's files: the plan, who was drawn with the proof of it, and the outcomes."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from eropaf.trial.draw import ARMS, halves, steps
from eropaf.trial.effect import Effect, of_lots, of_wedge
from eropaf.trial.plan import Design, Plan, WrongPlan
from eropaf_client.files.writing import csv_line, in_its_place

PLAN, ASSIGNED, PROOF = "plan.json", "assigned.csv", "assigned.json"
COLUMNS = {Design.LOTS: ("household", "stratum", "arm"), Design.WEDGE: ("area", "begins")}
WANTED = {Design.LOTS: ("household", "stratum"), Design.WEDGE: ("area",)}
OUTCOMES = {Design.LOTS: ("household", "outcome"), Design.WEDGE: ("area", "period", "households", "outcomes")}


class WrongFile(ValueError):
    """A file cannot be used; the message names the line, and what to do."""


Row = tuple[int, dict[str, str]]


def rows(path: Path, columns: Sequence[str]) -> list[Row]:
    """Return the lines of a CSV file by their numbers; it must have `columns`, and may have others.

    Raises:
        WrongFile: it cannot be read, or lacks a column or a cell.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise WrongFile(f"{path} has no column {', '.join(missing)}; it needs {', '.join(columns)}")
            found = [(number, row) for number, row in enumerate(reader, 2)]
    except (OSError, UnicodeDecodeError) as error:
        raise WrongFile(f"cannot read {path} ({error})") from None
    for number, row in found:
        for name in columns:
            if not (row[name] or "").strip():
                raise WrongFile(f"{path}, line {number}: {name} is empty")
    if not found:
        raise WrongFile(f"{path} has no lines")
    return found


def read_plan(folder: Path) -> Plan:
    """Return the plan that `folder` holds.

    Raises:
        WrongPlan: there is none.
    """
    try:
        record = json.loads((folder / PLAN).read_text("utf-8"))
    except (OSError, ValueError):
        raise WrongPlan(f"{folder} holds no {PLAN}; write one with `eropaf trial plan`") from None
    return Plan.from_record(record)


def write_plan(folder: Path, plan: Plan) -> None:
    """Write a plan. What is fixed before a draw is not written over.

    Raises:
        WrongPlan: the folder holds another plan.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = (json.dumps(plan.to_record(), indent=2, ensure_ascii=False) + "\n").encode()
    path = folder / PLAN
    if path.exists() and path.read_bytes() != text:
        raise WrongPlan(
            f"{folder} holds another plan already; a plan is fixed before the draw. Name another folder"
        )
    _write(path, text)


def assign(folder: Path, source: Path) -> Path:
    """Draw lots for what `source` lists, and write who was drawn, with the proof beside it.

    Raises:
        WrongPlan: there is no plan, or the list is not what it says.
        WrongFile: the list cannot be used.
    """
    plan = read_plan(folder)
    listed = rows(source, WANTED[plan.design])
    name = WANTED[plan.design][0]
    _once(source, listed, (name,))
    lines: Iterable[Sequence[str]]
    if plan.design is Design.LOTS:
        drawn = halves(plan.phrase, {row["household"]: row["stratum"] for _, row in listed})
        lines = [(household, *drawn[household]) for household in sorted(drawn)]
    else:
        if len(listed) != plan.areas:
            raise WrongPlan(f"{source} lists {len(listed)} areas, the plan says {plan.areas}")
        begins = steps(plan.phrase, [row["area"] for _, row in listed], plan.periods)
        lines = [(area, str(begins[area])) for area in sorted(begins)]
    text = "".join(csv_line(line) for line in (COLUMNS[plan.design], *lines)).encode()
    path = folder / ASSIGNED
    if path.exists() and path.read_bytes() != text:
        raise WrongPlan(
            f"{path} holds another draw already: one plan, one draw. Name another folder, with a new plan"
        )
    proof = {
        "plan_sha256": _sha256((folder / PLAN).read_bytes()),
        "list_sha256": _sha256(source.read_bytes()),
        "assigned_sha256": _sha256(text),
    }
    _write(path, text)
    _write(folder / PROOF, (json.dumps(proof, indent=2) + "\n").encode())
    return path


def analyse(folder: Path, source: Path) -> tuple[Effect, list[str]]:
    """Return what a trial found, and what the reader must know of it: who is missing.

    Raises:
        WrongPlan: there is no plan or no draw, or one of them is not as it was.
        WrongFile: the outcomes cannot be used.
    """
    plan = read_plan(folder)
    _proven(folder)
    found = rows(source, OUTCOMES[plan.design])
    drawn = rows(folder / ASSIGNED, COLUMNS[plan.design])
    if plan.design is Design.LOTS:
        return _analysed_lots(source, found, drawn)
    return _analysed_wedge(plan, source, found, drawn)


def _analysed_lots(source: Path, found: list[Row], drawn: list[Row]) -> tuple[Effect, list[str]]:
    _once(source, found, ("household",))
    of = {row["household"]: row for _, row in drawn}
    names = sorted({row["stratum"] for _, row in drawn})
    place = {name: number for number, name in enumerate(names)}
    outcome, first, stratum = [], [], []
    for number, row in found:
        if row["household"] not in of:
            raise WrongFile(f"{source}, line {number}: the household was not drawn in this trial")
        if row["outcome"] not in ("0", "1"):
            raise WrongFile(f"{source}, line {number}: outcome is {row['outcome']!r}; write 1 or 0")
        mine = of[row["household"]]
        outcome.append(float(row["outcome"]))
        first.append(mine["arm"] == ARMS[0])
        stratum.append(place[mine["stratum"]])
    arrays = np.array(outcome), np.array(first), np.array(stratum, np.intp)
    try:
        effect = of_lots(*arrays)
    except ValueError as error:
        raise WrongFile(f"{source}: {error}") from None
    return effect, _missing(of, {row["household"] for _, row in found})


def _missing(of: dict[str, dict[str, str]], present: set[str]) -> list[str]:
    """Say how many have no outcome, by arm: where they differ, so may those who are left."""
    said = []
    for arm in ARMS:
        all_of = [household for household, row in of.items() if row["arm"] == arm]
        lost = sum(household not in present for household in all_of)
        said.append(f"{arm}: {len(all_of) - lost} of {len(all_of)} drawn have an outcome")
    return said


def _analysed_wedge(plan: Plan, source: Path, found: list[Row], drawn: list[Row]) -> tuple[Effect, list[str]]:
    _once(source, found, ("area", "period"))
    areas = [row["area"] for _, row in drawn]
    share = np.full((len(areas), plan.periods), np.nan)
    for number, row in found:
        period, households, outcomes = (
            _whole(source, number, row, name) for name in OUTCOMES[plan.design][1:]
        )
        if row["area"] not in areas or not 1 <= period <= plan.periods:
            raise WrongFile(f"{source}, line {number}: the area or the period is not of this trial")
        if not 0 <= outcomes <= households or not households:
            raise WrongFile(
                f"{source}, line {number}: {outcomes} outcomes of {households} households cannot be"
            )
        share[areas.index(row["area"]), period - 1] = outcomes / households
    gaps = np.argwhere(np.isnan(share))
    if len(gaps):
        area, period = gaps[0]
        raise WrongFile(
            f"{source} has no line for area {areas[area]} in period {period + 1}, and lacks {len(gaps)} in "
            "all; every area needs every period"
        )
    begins = np.array([int(row["begins"]) for _, row in drawn], np.intp)
    return of_wedge(share, begins), [f"{len(areas)} areas in {plan.periods} periods, none missing"]


def _proven(folder: Path) -> None:
    """Refuse a draw that is not the one that was made."""
    try:
        proof = json.loads((folder / PROOF).read_text("utf-8"))
        same = proof["plan_sha256"] == _sha256((folder / PLAN).read_bytes())
        same &= proof["assigned_sha256"] == _sha256((folder / ASSIGNED).read_bytes())
    except (OSError, ValueError, KeyError, TypeError):
        raise WrongPlan(f"{folder} holds no draw; make it with `eropaf trial assign`") from None
    if not same:
        raise WrongPlan(f"the plan or the draw in {folder} was changed after the draw (see {PROOF})")


def _once(source: Path, listed: list[Row], names: Sequence[str]) -> None:
    seen: set[tuple[str, ...]] = set()
    for number, row in listed:
        key = tuple(row[name] for name in names)
        if key in seen:
            raise WrongFile(
                f"{source}, line {number}: the same {' and '.join(names)} stands in an earlier line"
            )
        seen.add(key)


def _whole(source: Path, number: int, row: dict[str, str], name: str) -> int:
    try:
        return int(row[name])
    except ValueError:
        raise WrongFile(f"{source}, line {number}: {name} is {row[name]!r}; write a whole number") from None


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(path: Path, content: bytes) -> None:
    with in_its_place(path, replace=True) as file:
        file.write(content)
