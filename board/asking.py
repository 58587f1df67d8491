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


class Asking:
    """Has creditors asked, where the policy says so. Nobody waits for it, and a claim holds without it."""

    def __init__(self, reporter: OutcomeReporter, may_ask: bool) -> None:
        self._reporter = reporter
        self._may_ask = may_ask
        self._under_way = set[asyncio.Task[None]]()

    def ask(self, household: str) -> None:
        """Have the creditors of a household asked."""
        if self._may_ask:
            asking = asyncio.create_task(self._ask(household))
            self._under_way.add(asking)
            asking.add_done_callback(self._under_way.discard)

    async def _ask(self, household: str) -> None:
        asks = OutreachOutcome(str(uuid.uuid4()), household, datetime.now(UTC), asks_still_open=True)
        try:
            await asyncio.to_thread(self._reporter.report, asks)
        except NotAcknowledged as error:
            log.warning("no creditor is asked whether arrears still stand", error=str(error))
        except Exception as error:  # nobody waits for this task: its words may hold an address
            log.error("not asked", error=type(error).__name__, at=place_of(error))


def only_asks(outcome: OutreachOutcome) -> bool:
    """Return whether an outcome says nothing but that creditors are asked."""
    return outcome.asks_still_open and outcome.attempt is None and outcome.result is None
