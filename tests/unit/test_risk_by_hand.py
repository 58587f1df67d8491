"""The changes that people thought of fit the rules as they stand: one that fits nowhere tries nothing."""

from __future__ import annotations

import pytest

from tests.integration.processes import REPO
from tests.risk_by_hand import CHANGES, Change


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.what)
def test_what_is_changed_stands_once_in_its_module(change: Change) -> None:
    rules = (REPO / "risk" / f"{change.module}.py").read_text("utf-8")

    assert rules.count(change.stands) == 1
    assert change.stands != change.instead
