"""Which words on an objection a ledger keeps, once it must hold as little as it can."""

from __future__ import annotations

from itertools import permutations, product

import pytest

from eropaf.risk import objections
from eropaf.risk.objections import Said


def after(since: int | None, words: list[Said]) -> int | None:
    for at, stands in words:
        since = objections.newest(since, at, stands)
    return since


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_of_words_in_any_order_what_is_kept_leaves_every_row_alike(number: int) -> None:
    """Wherever a savepoint left off: a row is of all words before it, and reads those kept of the rest."""
    for moments in permutations((10, 20, 30, 40), number):
        for stands in product((True, False), repeat=number):
            words = list(zip(moments, stands, strict=True))
            needed = objections.words_needed(words)
            for begins in range(number + 1):
                row = after(None, words[:begins])
                kept = [words[place] for place in needed if place >= begins]
                assert after(row, kept) == after(row, words[begins:]), (words, begins, needed)


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        ([(10, True)], [0]),
        ([(10, True), (20, True)], [1]),
        ([(10, True), (20, False)], [1]),
        ([(10, True), (20, False), (30, True)], [2]),
        # Of a withdrawal of what a row did not know nothing is kept: an older word stands after it.
        ([(30, False), (20, True), (10, False)], [0, 1]),
    ],
)
def test_no_more_words_are_kept_than_it_takes(words: list[Said], needed: list[int]) -> None:
    assert objections.words_needed(words) == needed
