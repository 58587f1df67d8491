"""What rules and records alone take of an event, without an engine: `python -m bench.floor`.

Beside it the Go program of `make bench` does all of it, Kafka included. Processor time, the least of some
rounds, as the rest of the machine only ever adds to it.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from importlib import resources

from bench.job import Feed
from eropaf.agents.codecs import household_events, household_risks
from eropaf.risk.household import fold
from eropaf.risk.policy import Policy
from eropaf.risk.ranking import rank
from eropaf.risk.records import HouseholdEvent
from eropaf.risk.rows import HouseholdRow, RankingRow
from eropaf.risk.told import HouseholdRisk
from eropaf_client.schemas.registry import LocalRegistry

FEED = Feed(households=5_000, events=40_000)
ROUNDS = 7


def least_us(work: Callable[[], object]) -> float:
    """Return the processor time of `work`, microseconds an event."""
    took = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        took.append((time.process_time() - began) / FEED.events * 1e6)
    return min(took)


def main() -> None:
    """Measure, and tell."""
    rules = resources.files("eropaf.risk") / "policies" / "amsterdam-example.toml"
    policy = Policy.parse(rules.read_text("utf-8"))
    events = list(FEED.events_from())
    risks = through(events, policy)
    reads, writes = household_events(LocalRegistry()), household_risks(LocalRegistry())
    stored = [reads.encode(event) for event in events]
    # The collector goes by what all of a worker allocates.
    gc.disable()
    for what, us in (
        ("rules: fold and rank", least_us(lambda: through(events, policy))),
        ("records: an event read", least_us(lambda: [reads.decode(each) for each in stored])),
        ("records: a risk written", least_us(lambda: [writes.encode(risk) for risk in risks])),
    ):
        sys.stdout.write(f"{us:5.1f} us {what}\n")


def through(events: list[HouseholdEvent], policy: Policy) -> list[HouseholdRisk]:
    """Take `events` through both hops; return the risks between them."""
    households: dict[str, HouseholdRow | None] = {}
    rankings: dict[str, RankingRow | None] = {}
    risks = []
    for event in events:
        key = event.household
        folded = fold(households.get(key), event, policy)
        households[key] = folded.row
        if folded.risk is not None:
            risks.append(folded.risk)
            rankings[key] = rank(rankings.get(key), folded.risk, policy).row
    return risks


if __name__ == "__main__":
    main()
