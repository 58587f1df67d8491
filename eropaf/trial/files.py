"""A trial's folder: the plan, the list that was fixed before the draw, who was drawn, and the proof of it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from eropaf.trial.draw import SMALLEST_STRATUM, halves, steps
from eropaf.trial.plan import PLANNED_VARIANCE, Design, Plan, WrongPlan
from eropaf.trial.table import Rows, read
from eropaf_client.files.understood import counted
from eropaf_client.files.writing import csv_line, in_its_place

PLAN, FIXED, ASSIGNED, PROOF = "plan.json", "list.json", "assigned.csv", "assigned.json"
COLUMNS = {Design.LOTS: ("household", "stratum", "arm"), Design.WEDGE: ("area", "begins")}
# Of the households that a plan counts on: with fewer its power is another.
ENOUGH_OF_PLANNED = 0.95
LISTED = {Design.LOTS: ("household", "stratum"), Design.WEDGE: ("area",)}


def read_plan(folder: Path) -> Plan:
    """Return the plan that `folder` holds.

    Raises:
        WrongPlan: there is none.
    """
    return Plan.from_record(_record(folder / PLAN, "write one with `eropaf trial plan`"))


def write_plan(folder: Path, plan: Plan) -> None:
    """Write a plan. What is fixed before a draw is not written over.

    Raises:
        WrongPlan: the folder holds another plan.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _once(folder / PLAN, _json(plan.to_record()), "a plan is fixed before the draw")


def fix(folder: Path, source: Path) -> tuple[str, list[str]]:
    """Fix the list: from now on its sha256 stands in `list.json`, and no other list is drawn from.

    Returns the sha256, and what the reader must know: who takes no part.

    Raises:
        WrongPlan: there is no plan, the list is too small for it, or another list was fixed.
        FileRefused: the list cannot be used.
    """
    plan = read_plan(folder)
    listed = _listed(plan, source)
    told = _strata(plan, source, listed) if plan.design is Design.LOTS else []
    fixed = {"plan_sha256": _of_file(folder / PLAN), "list_sha256": _of_file(source)}
    _once(folder / FIXED, _json(fixed), "one plan, one list")
    return fixed["list_sha256"], told


def assign(folder: Path, source: Path, phrase: str) -> Path:
    """Draw lots for what the fixed list names, and write who was drawn, with the proof beside it.

    Raises:
        WrongPlan: no list was fixed, or it, the plan or the draw is another one by now.
        FileRefused: the list cannot be used.
    """
    plan = read_plan(folder)
    if not phrase.strip():
        raise WrongPlan(f"the phrase is empty; take what {plan.public_draw} brought")
    fixed = _record(
        folder / FIXED, f"first fix the list: `eropaf trial assign {folder} {source}`, without a phrase"
    )
    for path, name in ((folder / PLAN, "plan_sha256"), (source, "list_sha256")):
        if path.is_file() and fixed.get(name) != _of_file(path):
            raise WrongPlan(f"{path} is not what was fixed before the draw (see {folder / FIXED})")
    listed = _listed(plan, source)
    lines: Iterable[Sequence[str]]
    if plan.design is Design.LOTS:
        drawn = halves(phrase, {row.said[0]: row.said[1] for row in listed.rows})
        lines = [(household, *drawn[household]) for household in sorted(drawn)]
    else:
        begins = steps(phrase, [row.said[0] for row in listed.rows], plan.periods)
        lines = [(area, str(begins[area])) for area in sorted(begins)]
    text = "".join(csv_line(line) for line in (COLUMNS[plan.design], *lines)).encode()
    _once(folder / ASSIGNED, text, "one plan, one draw")
    proof = {**fixed, "phrase": phrase, "assigned_sha256": hashlib.sha256(text).hexdigest()}
    _once(folder / PROOF, _json(proof), "one plan, one draw")
    return folder / ASSIGNED


def drawn(folder: Path) -> Rows:
    """Return the draw, if it and the plan are as they were.

    Raises:
        WrongPlan: there is none, or it was changed.
    """
    plan = read_plan(folder)
    proof = _record(folder / PROOF, "draw first, with `eropaf trial assign`")
    for name, of in ((PLAN, "plan_sha256"), (ASSIGNED, "assigned_sha256")):
        if not (folder / name).is_file() or proof.get(of) != _of_file(folder / name):
            raise WrongPlan(
                f"{folder / name} was changed after the draw (see {folder / PROOF}); put it back as it was"
            )
    return read(folder / ASSIGNED, COLUMNS[plan.design], COLUMNS[plan.design][:1])


def _listed(plan: Plan, source: Path) -> Rows:
    listed = read(source, LISTED[plan.design], LISTED[plan.design][:1])
    if plan.design is Design.WEDGE and len(listed.rows) != plan.areas:
        raise WrongPlan(f"{source} lists {counted(len(listed.rows), 'area')}, the plan says {plan.areas}")
    return listed


def _strata(plan: Plan, source: Path, listed: Rows) -> list[str]:
    """Say who takes no part, and whether those who do are as many as planned.

    Raises:
        WrongPlan: they are too few.
    """
    sizes = Counter(row.said[1] for row in listed.rows)
    kept = [size for size in sizes.values() if size >= SMALLEST_STRATUM]
    alone, part = len(sizes) - len(kept), sum(kept)
    weight = sum((size // 2) * (size - size // 2) / size for size in kept)
    told = [f"{counted(part, 'household')} in {len(kept)} strata take part"]
    if alone:
        told.append(
            f"{counted(alone, 'household')} alone in a stratum: left out of the draw, and not of the list"
        )
    if weight * plan.variance_of_outcomes() < PLANNED_VARIANCE:
        raise WrongPlan(
            f"{source}: {'; '.join(told)}: too few for an interval that holds its 95 %. List more "
            "households, or make fewer strata of them"
        )
    if part < ENOUGH_OF_PLANNED * plan.households:
        told.append(
            f"The plan counts on {plan.households:,}: an effect is found less often than protocol.md says"
        )
    return told


def _record(path: Path, instead: str) -> Any:
    """Return what a file of JSON holds; `instead` is what to do where there is none."""
    try:
        record = json.loads(path.read_text("utf-8"))
    except json.JSONDecodeError as error:
        raise WrongPlan(f"{path}, line {error.lineno}: {error.msg}; put it back as it was") from None
    except (OSError, UnicodeDecodeError):
        raise WrongPlan(f"there is no {path} that can be read; {instead}") from None
    if not isinstance(record, dict):
        raise WrongPlan(f"{path}, line 1: holds no record; {instead}")
    return record


def _once(path: Path, content: bytes, why: str) -> None:
    """Write what may be written once: the same again is nothing new.

    Raises:
        WrongPlan: there is another one.
    """
    if path.exists() and path.read_bytes() != content:
        raise WrongPlan(f"{path} holds another one already: {why}. Name another folder, with a new plan")
    with in_its_place(path, replace=True) as file:
        file.write(content)


def _json(record: dict[str, Any]) -> bytes:
    return (json.dumps(record, indent=2, ensure_ascii=False) + "\n").encode()


def _of_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
