"""The feed on which engines are only checked: what it does not reach, no copy of the rules is held to."""

from bench.__main__ import SMOKE
from eropaf.risk.household import fold
from eropaf.risk.policy import Policy
from eropaf.risk.rows import HouseholdRow
from tests.builders import AMSTERDAM_EXAMPLE

BY_SIGNALS = {"OPEN", "PAID", "WITHDRAWN", "PLANNED", "BELOW_MINIMUM", "SILENT"}
CONTRIBUTIONS = {
    *("arrears", "growth", "plan-broken", "breadth", "persistence"),
    *("threatening", "nearness", "handover"),
}


def test_the_smoke_feed_reaches_every_ending_and_contribution_of_signals() -> None:
    policy = Policy.parse(AMSTERDAM_EXAMPLE)
    rows: dict[str, HouseholdRow | None] = {}
    endings: set[str] = set()
    contributions: set[str] = set()

    for event in SMOKE.events_from():
        folded = fold(rows.get(event.household), event, policy)
        rows[event.household] = folded.row
        assert folded.risk is not None
        assert folded.assessment is not None
        endings.add(folded.risk.ended_by)
        contributions |= {part.what for part in folded.assessment.contributions}

    assert endings == BY_SIGNALS
    assert contributions == CONTRIBUTIONS
