"""Which deleted records a person has accepted to go on without."""

from __future__ import annotations

import pytest

from eropaf.streams.runtime.loss import Loss

LOST = Loss("arrears.rent-north", 3, 100, 203)


def test_a_loss_is_written_as_an_operator_reads_and_repeats_it() -> None:
    assert str(LOST) == "arrears.rent-north-3:100-203"
    assert Loss.parse(str(LOST)) == LOST
    assert LOST.offsets == 104


@pytest.mark.parametrize(
    "text", ["", "arrears.rent", "arrears.rent-3", "arrears.rent-3:100", "arrears.rent-3:9-8", "a-1:2-3,b"]
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"such as numbers-3:100-203"):
        Loss.parse(text)


@pytest.mark.parametrize(
    ("accepted", "goes_on"),
    [
        ("arrears.rent-north-3:100-203", True),
        ("arrears.rent-north-3:100-300", True),
        ("arrears.rent-north-3:100-202", False),
        ("arrears.rent-north-3:99-203", False),
        ("arrears.rent-north-3:101-203", False),
        ("arrears.rent-north-2:100-203", False),
        ("arrears.rent-3:100-203", False),
    ],
)
def test_only_the_same_range_or_one_that_ends_later_accepts_it(accepted: str, goes_on: bool) -> None:
    assert LOST.accepted_by([Loss.parse(accepted)]) == goes_on
