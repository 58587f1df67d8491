"""What a result ends is said where it is chosen."""

from __future__ import annotations

import pytest

from eropaf.board.results import SPOKEN, UNSPOKEN
from eropaf.board.words import WORDS
from eropaf.risk.outcomes import RESULTS


@pytest.mark.parametrize(("language", "nobody"), [("nl", "niemand"), ("en", "nobody")])
def test_a_result_that_ends_all_since_somebody_is_gone_says_that_nobody_is_left(
    language: str, nobody: str
) -> None:
    shown = [each.value for each in (*SPOKEN, *UNSPOKEN)]
    of_persons = {name for name, meaning in RESULTS.items() if meaning.about_a_person}

    assert {name for name in shown if nobody in WORDS[language][f"result.{name}"]} == of_persons
