"""Household: folds each event into its household's row, and tells the risk that results."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from eropaf.agents import metrics
from eropaf.agents.clock import as_event
from eropaf.agents.codecs import household_events, household_risks, resident_events
from eropaf.agents.feedback import Feedback
from eropaf.agents.policy import KEY, Policies
from eropaf.agents.questions import Questions
from eropaf.agents.sealing import Sealer
from eropaf.agents.slips import Slips
from eropaf.risk.events import ResidencyTick, Tick
from eropaf.risk.explanation import Explained
from eropaf.risk.household import Folded, check_when, fold
from eropaf.risk.policy import Policy
from eropaf.risk.records import DAY_MS, NOWHERE, HouseholdEvent
from eropaf.risk.refusal import Refused
from eropaf.risk.rows import HouseholdRow, PartitionRow
from eropaf.risk.told import HouseholdRisk
from eropaf.risk.unregistered import is_of_resident
from eropaf.streams.runtime.app import CheckpointedApp
from eropaf.streams.runtime.batch import Batch
from eropaf.streams.runtime.dead_letter import OF_A_VALUE
from eropaf.streams.runtime.invariants import in_sequence
from eropaf.streams.runtime.record import Record
from eropaf.streams.runtime.stage import Stage
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import (
    EVERY,
    EXPLANATIONS,
    HOUSEHOLD_EVENTS,
    HOUSEHOLD_RISK,
    RESIDENCY_TICKS,
    RESIDENT_EVENTS,
)
from eropaf_client.schemas.wire import Codec


def attach(
    app: CheckpointedApp,
    stage: Stage,
    registry: Registry,
    creditors: Iterable[str],
    policy: Policy,
    sealer: Sealer | None,
) -> None:
    """Attach the agent to `app`. `creditors` are answered; `policy` holds until another is activated.

    Without a `sealer` no explanations are kept.
    """
    decode = household_events(registry).decode
    tell = _Tell(registry, creditors, sealer)
    policies = Policies(policy)

    @app.agent(app.batches(stage), name=stage.name)
    async def household(batches: Any) -> None:
        async for batch in batches:
            table = batch.table
            holds = policies.of(table)
            policies.tell(holds)
            for record, event in batch.decoded(decode):
                begun = len(batch.outputs)
                try:
                    if event.policy is not None:
                        activated = policies.activated(table, event.policy)
                        if activated is not None:
                            tell.policy(batch, record, activated)
                            table.put(KEY, activated)
                            holds = policies.of(table)
                    elif event.tick is not None:
                        check_when(event)
                        tell.tick(batch, record, event, event.tick, holds)
                    elif is_of_resident(event):
                        tell.resident(batch, record, event)
                    else:
                        key = record.key()
                        before = table.get(key)
                        tell.folded(batch, record, key, event, before, fold(before, event, holds), holds)
                except Refused as refusal:
                    batch.reject(record, refusal.reason, str(refusal))
                except OF_A_VALUE as error:
                    batch.fail(record, error, begun)
            tell.explanations(batch)


class _Tell:
    """Writes what follows from an event, each where it belongs."""

    def __init__(self, registry: Registry, creditors: Iterable[str], sealer: Sealer | None) -> None:
        self._risks = household_risks(registry)
        self._events = household_events(registry)
        self._of_residents = resident_events(registry)
        self._waiting = Codec("ResidencyTick", RESIDENCY_TICKS, registry)
        self._explanations = Codec("Explanation", EXPLANATIONS, registry)
        self._feedback = Feedback(registry, creditors)
        self._questions = Questions(registry, creditors)
        self._slips = Slips(creditors)
        self._sealer = sealer
        self._explained: dict[bytes, tuple[Explained, Record]] = {}
        self._newest_day = 0

    def policy(self, batch: Batch, record: Record, row: PartitionRow) -> None:
        """Tell ranking that another policy holds in this partition from here on."""
        activated = row.policy
        risk = HouseholdRisk(
            household=EVERY,
            sequence=row.sequence,
            address=NOWHERE,
            score=0,
            open_positions=0,
            creditors=0,
            months_behind=0,
            threatening=False,
            crisis_on=None,
            ended_by="OPEN",
            policy_version=activated.version,
            at=activated.at,
            overrule=None,
            policy=activated,
        )
        data = self._risks.encode(risk)
        batch.emit(HOUSEHOLD_RISK, KEY, data, record.timestamp()[1], batch.partition)

    def tick(self, batch: Batch, record: Record, event: HouseholdEvent, tick: Tick, policy: Policy) -> None:
        """Tell a slice of households the day, let the next slice follow, and show the newest day told.

        Before the first, the day is passed on to what is known of residents, with the policy's patience. A
        household on which this version fails stops the day for no other.
        """
        failed: Exception | None = None
        begins, ends = tick.reach
        for key in batch.table.between(begins.encode(), ends.encode()):
            begun = len(batch.outputs)
            try:
                one, before = event.for_household(key.decode()), batch.table.get(key)
                self.folded(batch, record, key, one, before, fold(before, one, policy), policy)
            except OF_A_VALUE as error:
                del batch.outputs[begun:]
                failed = error
        if failed is not None:
            batch.fail(record, failed, len(batch.outputs))
        if not tick.slices:
            waiting = ResidencyTick(tick, policy.waits_since(tick.on), policy.knows_contracts_since(tick.on))
            data = self._waiting.encode(waiting.to_record())
            batch.emit(RESIDENCY_TICKS, KEY, data, record.timestamp()[1], batch.partition)
        follows = tick.follow(len(batch.table))
        if follows is not None:
            data = self._events.encode(as_event(follows))
            batch.emit(HOUSEHOLD_EVENTS, KEY, data, record.timestamp()[1], batch.partition)
        if tick.on > self._newest_day:
            self._newest_day = tick.on
            metrics.NEWEST_TICK.set(tick.on * DAY_MS / 1000)

    def resident(self, batch: Batch, record: Record, event: HouseholdEvent) -> None:
        """Pass on what a resident said whom the register did not know: no household is kept of them."""
        check_when(event)
        data = self._of_residents.encode(event)
        batch.emit(RESIDENT_EVENTS, event.household.encode(), data, record.timestamp()[1])

    def folded(
        self,
        batch: Batch,
        record: Record,
        key: bytes,
        event: HouseholdEvent,
        before: HouseholdRow | None,
        folded: Folded,
        policy: Policy,
    ) -> None:
        """Keep the row, and tell the risk and the answers; `policy` is what they were folded by."""
        stored_at = record.timestamp()[1]
        row, risk = folded.row, folded.risk
        if risk is not None:
            in_sequence("risk", 0 if before is None else before.sequence, risk.sequence)
            batch.emit(HOUSEHOLD_RISK, key, self._risks.encode(risk), stored_at)
        for onward in folded.onward:
            data = self._events.encode(onward)
            batch.emit(HOUSEHOLD_EVENTS, onward.household.encode(), data, stored_at)
        for answer in folded.answers:
            self._feedback.tell(batch, answer, event.event_id, event.at, stored_at)
        self._questions.ask(batch, folded.questions, event, stored_at)
        # An erasure forgets what was left under an earlier policy, too.
        if policy.contact_slips or event.erasure_requested_on is not None:
            self._slips.forget(batch, before, event, folded, stored_at)
        # Nothing can fail any more, see `Batch.fail`.
        if risk is not None:
            if folded.assessment is None:
                self._forget(batch, key, stored_at)
            elif self._sealer is not None and row is not None:
                self._explained[key] = (Explained(risk, folded.assessment, row, policy), record)
        if row is None and before is not None:
            batch.table.delete(key)
        elif row is not None and row is not before:
            batch.table.put(key, row)

    def explanations(self, batch: Batch) -> None:
        """Write the newest explanation of each household that the batch touched.

        What cannot be explained is in force all the same; its record among the letters says so.
        """
        if self._sealer is not None:
            for key, (explained, record) in self._explained.items():
                try:
                    sealed = self._explanations.encode(self._sealer.seal(explained))
                except OF_A_VALUE as error:
                    batch.fail(record, error, len(batch.outputs))
                    continue
                batch.emit(EXPLANATIONS, key, sealed, record.timestamp()[1])
        self._explained = {}

    def _forget(self, batch: Batch, key: bytes, stored_at: int) -> None:
        metrics.FORGOTTEN.inc()
        batch.emit(HOUSEHOLD_RISK, key, None, stored_at)
        batch.emit(EXPLANATIONS, key, None, stored_at)
        self._explained.pop(key, None)
