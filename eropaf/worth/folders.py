"""Folders that `eropaf backtest` wrote, read for one page: whole cities, and of the same study."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from eropaf.simulate.backtest.manifest import MANIFEST, WrongStudy
from eropaf.simulate.backtest.study import RESULTS, read
from eropaf.simulate.backtest.summary import Results

# What of two folders must be the same: otherwise a page says of one city what was found in another.
SAME = ("eropaf", "code", "numpy", "dwellings", "months", "parameters")


def whole(folder: Path) -> Results:
    """Return the cities that were lived through under every arm.

    Raises:
        WrongStudy: the folder holds no results, or fewer than two whole cities.
    """
    results = read(folder / RESULTS)
    most = max((len(rows) for rows in results.values()), default=0)
    found = {seed: rows for seed, rows in results.items() if len(rows) == most}
    if len(found) < 2:
        raise WrongStudy(
            f"{folder} holds {len(found)} whole cities; an interval needs two, and a decision many more"
        )
    return found


def manifest(folder: Path) -> dict[str, Any]:
    """Return what the results of a folder follow from.

    Raises:
        WrongStudy: it has no manifest of a backtest of this version.
    """
    try:
        found = json.loads((folder / MANIFEST).read_text("utf-8"))
    except OSError as error:
        raise WrongStudy(f"cannot read {folder / MANIFEST} ({error.strerror})") from None
    except ValueError:
        raise WrongStudy(f"{folder / MANIFEST} is not the manifest of a backtest") from None
    if not isinstance(found, dict) or not {*SAME, "policies"} <= found.keys():
        raise WrongStudy(f"{folder / MANIFEST} is a backtest's of another version; run it again")
    return found


def belong(orders: Path, other: Path, policy: str, but: Collection[str] = ()) -> None:
    """Refuse a folder of another study than that of the orders: they may differ in what is named alone.

    Raises:
        WrongStudy: the message says what differs.
    """
    mine, its = manifest(orders), manifest(other)
    differ = [name for name in SAME if name not in but and its[name] != mine[name]]
    if its["policies"].get(policy) != mine["policies"][policy]:
        differ.append(f"policy {policy}")
    if differ:
        raise WrongStudy(
            f"{orders} and {other} do not belong together: {', '.join(differ)} differ. Run both with the "
            "same options"
        )
