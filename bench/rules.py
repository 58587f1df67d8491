"""Measure what an event costs in the rules alone, without Kafka or codec: `python -m bench.rules [ROUNDS]`.

Processor time, the least of some rounds: what else runs on the machine makes a round longer, never shorter.
"""

from __future__ import annotations

import gc
import sys
import time

from eropaf.process import form
from eropaf.risk.household import fold
from eropaf.risk.policy import Policy
from eropaf.risk.ranking import rank
from eropaf.risk.records import DAY_MS, Address, HouseholdEvent, Signal
from eropaf.risk.rows import HouseholdRow, RankingRow
from eropaf.risk.told import HouseholdRisk
from eropaf.settings.policy import policy_text

HOUSEHOLDS = 1_500
ROUNDS = 7
BEGINS_MS = 1_772_400_000_000
DAYS_BETWEEN = 20
# What each household goes through: arrears that grow, then a payment.
STORY = (("REPORTED", 110_000), ("REPORTED", 130_000), ("REPORTED", 165_000), ("PAID", 0))


def events() -> list[HouseholdEvent]:
    """Return the story of every household, a chapter of all before the next."""
    return [
        _event(number, version, kind, cents)
        for version, (kind, cents) in enumerate(STORY, 1)
        for number in range(HOUSEHOLDS)
    ]


def _event(number: int, version: int, kind: str, cents: int) -> HouseholdEvent:
    at = BEGINS_MS + version * DAYS_BETWEEN * DAY_MS
    signal = Signal(
        signal_id=f"signal-{number}-{version}",
        creditor="rent",
        contract=f"contract-{number}",
        kind=kind,
        partner_type="RENT",
        amount_cents=cents,
        monthly_bill_cents=55_000,
        arrears_since=None,
        reported_at=at,
        version=version,
        own_effort=None,
        crisis_kind=None,
        crisis_on=None,
        handover_wish=False,
    )
    address = Address("1011AB", number + 1, "")
    return HouseholdEvent(f"{number:032x}", f"event-{number}-{version}", at, address, signal)


def measured(story: list[HouseholdEvent], policy: Policy) -> tuple[float, float]:
    """Return the seconds of processor time that folding an event and ranking its risk took, on average."""
    rows: dict[str, HouseholdRow | None] = {}
    ranks: dict[str, RankingRow | None] = {}
    risks: list[HouseholdRisk] = []
    began = time.process_time()
    for event in story:
        folded = fold(rows.get(event.household), event, policy)
        rows[event.household] = folded.row
        if folded.risk is not None:
            risks.append(folded.risk)
    between = time.process_time()
    for risk in risks:
        ranks[risk.household] = rank(ranks.get(risk.household), risk, policy).row
    ended = time.process_time()
    return (between - began) / len(story), (ended - between) / len(risks)


def main(rounds: int) -> None:
    """Print the least of all rounds."""
    story, policy = events(), Policy.parse(policy_text("amsterdam-example"))
    gc.disable()
    folding, ranking = zip(*(measured(story, policy) for _ in range(rounds)), strict=True)
    print(form.told())
    print(f"{min(folding) * 1e6:.2f} µs to fold an event, {min(ranking) * 1e6:.2f} µs to rank its risk")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
