"""Whoever takes a household rings or visits soon: creditors are asked whether its arrears still stand."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime

import structlog

from eropaf.serving.measured import place_of
from eropaf_client.errors import NotAcknowledged
from eropaf_client.outcomes import OutcomeReporter, OutreachOutcome

log = structlog.get_logger(__name__)

# Several teams' rounds: brokers that answer nobody would have the rest wait for hours.
MOST_WAITING = 100


class Asking:
    """Has creditors asked, where the policy says so. Nobody waits for it, and a claim holds without it.

    One household after another: brokers that are slow keep a thread for as long as they are, and claims and
    results need those too.
    """

    def __init__(self, reporter: OutcomeReporter, may_ask: bool) -> None:
        self._reporter = reporter
        self._may_ask = may_ask
        self._one_at_once = asyncio.Semaphore(1)
        self._under_way = set[asyncio.Task[None]]()

    @property
    def waiting(self) -> int:
        """How many households are still to be asked of."""
        return len(self._under_way)

    def ask(self, household: str) -> None:
        """Have the creditors of a household asked."""
        if not self._may_ask:
            return
        if self.waiting >= MOST_WAITING:
            log.warning("no creditor is asked whether arrears still stand", why="as many wait as may")
            return
        asks = OutreachOutcome(str(uuid.uuid4()), household, datetime.now(UTC), asks_still_open=True)
        asking = asyncio.create_task(self._ask(asks))
        self._under_way.add(asking)
        asking.add_done_callback(self._under_way.discard)

    async def _ask(self, asks: OutreachOutcome) -> None:
        try:
            async with self._one_at_once:
                await asyncio.to_thread(self._reporter.report, asks)
        except NotAcknowledged as error:
            log.warning("no creditor is asked whether arrears still stand", error=str(error))
        except Exception as error:  # nobody waits for this task: its words may hold an address
            log.error("not asked", error=type(error).__name__, at=place_of(error))


def only_asks(outcome: OutreachOutcome) -> bool:
    """Return whether an outcome says nothing but that creditors are asked."""
    more = (outcome.picked_up_on, outcome.attempt, outcome.result, outcome.follow_up)
    return outcome.asks_still_open and more == (None,) * 4
