"""Where the rule stands by which a signal is refused, for a kind of creditor."""

from __future__ import annotations

import pytest

from eropaf.risk.sources import source_of

BGS = "Besluit gemeentelijke schuldhulpverlening art. 2"
SOURCES = [
    ("no-personal-contact", "RENT", BGS),
    ("no-personal-contact", "STUDENT_DEBT", "to be agreed with the municipality"),
    ("no-personal-contact", "UNKNOWN", None),
    ("bsn-without-ground", "RENT", "Uitvoeringswet AVG art. 46"),
    ("ground-ended", "MORTGAGE", "policy, `partners.<kind>.basis_until`"),
    ("household-too-large", "RENT", None),
]


@pytest.mark.parametrize(("code", "kind", "source"), SOURCES)
def test_a_refusal_says_where_its_rule_stands_if_in_a_law_or_policy(
    code: str, kind: str, source: str | None
) -> None:
    assert (source_of(code, kind) or "").startswith(source or "")
    assert (source_of(code, kind) is None) == (source is None)
