"""Why a household has its points: facts, and what each gave. Their wording is in `plain_words.py`.

The facts are whole numbers and codes; the wording depends on them alone, so the same facts always read the
same. Points add up to the score exactly.
"""

from __future__ import annotations

import json
from itertools import accumulate
from typing import Any

from eropaf.risk.events import EpochDay
from eropaf.risk.policy import Policy
from eropaf.risk.rows import HouseholdRow, Position
from eropaf.risk.score import Assessment, Points, accepted
from eropaf.risk.told import HouseholdRisk
from eropaf.risk.value import value

# A thousand contracts with long names make more than the topic takes; nobody reads a thousand lines.
LARGEST_CONTRIBUTIONS = 512 * 1024
# With a decision's reason, whose length the command that takes it bounds.
LARGEST_FACTS = LARGEST_CONTRIBUTIONS + 64 * 1024
# Of those that threaten at once the first ones are told: who has ten knows.
MOST_THREATS = 10
# What stands for the contributions that were left out.
REST = "rest"


@value(frozen=True, slots=True)
class Explained:
    """A risk, its assessment, the row with what creditors reported, and the policy applied."""

    risk: HouseholdRisk
    assessment: Assessment
    row: HouseholdRow
    policy: Policy

    def facts(self) -> bytes:
        """Return the facts as JSON: the same facts always give the same bytes, LARGEST_FACTS at most."""
        risk, overrule, policy = self.risk, self.row.overrule, self.policy
        today = policy.zone.day_of(risk.at)
        by_contract: dict[tuple[str | None, str | None], Position] = {
            (each.creditor, each.contract): each for each in self.row.positions
        }
        parts = [
            _as_fact(part, by_contract.get((part.creditor, part.contract)), policy)
            for part in self.assessment.contributions
        ]
        facts = {
            "score": risk.score,
            "ended_by": risk.ended_by,
            "overrule": None if overrule is None else overrule.to_record(),
            "on": today,
            "policy": risk.policy_version,
            "bands": {band: threshold.enter for band, threshold in policy.bands.items()},
            "threats": _threats(accepted(self.row.positions, today, policy), today),
            "contributions": _cut(parts, policy),
        }
        return _as_bytes(facts)


def _as_fact(part: Points, position: Position | None, policy: Policy) -> dict[str, Any]:
    fact: dict[str, Any] = {
        "what": part.what,
        "creditor": part.creditor,
        "partner_type": part.partner_type,
        "contract": part.contract,
        "quantity": part.quantity,
        "points": part.points,
    }
    if part.what == "arrears" and position is not None:
        fact["amount_cents"] = position.amount_cents
        fact["reported_on"] = policy.zone.day_of(position.reported_at)
    return fact


def _threats(standing: list[Position], today: EpochDay) -> list[dict[str, Any]]:
    """Return what threatens or ends, nearest first, undated last."""
    found = [
        (each.crisis_on is None, each.crisis_on or 0, each.crisis_kind, each.creditor)
        for each in standing
        if each.crisis_kind is not None and (each.crisis_on is None or each.crisis_on >= today)
    ]
    return [
        {"kind": kind, "on": None if dateless else on, "creditor": creditor}
        for dateless, on, kind, creditor in sorted(found)[:MOST_THREATS]
    ]


def _cut(parts: list[dict[str, Any]], policy: Policy) -> list[dict[str, Any]]:
    """Return `parts` in order; if they are too large, those with the most points, and the rest combined."""
    sizes = [len(_as_bytes(part)) + 1 for part in parts]
    if sum(sizes) <= LARGEST_CONTRIBUTIONS:
        return parts
    weightiest = sorted(range(len(parts)), key=lambda number: (-parts[number]["points"], number))
    filled = accumulate(sizes[number] for number in weightiest)
    kept = {number for number, size in zip(weightiest, filled, strict=True) if size <= LARGEST_CONTRIBUTIONS}
    left = [part for number, part in enumerate(parts) if number not in kept]
    rest = Points(REST, sum(part["points"] for part in left), len(left))
    return [*(parts[number] for number in sorted(kept)), _as_fact(rest, None, policy)]


def _as_bytes(facts: object) -> bytes:
    return json.dumps(facts, separators=(",", ":"), ensure_ascii=False).encode()
