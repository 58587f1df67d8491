"""The oracle: from what went in, what the outside must see; and how what it sees differs.

What went in are the creditors' records and the register's, as the broker holds them. From each it
works out the one event or rejection that must follow. The order in which a household's creditors
were taken in is not theirs to say: `household-events` holds it, and from there on everything, to
the last field, follows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from confluent_kafka import Message

from eropaf.agents.topology import Stages
from eropaf.risk.bsn import BsnRules
from eropaf.risk.history import History, tell
from eropaf.risk.policy import Policy
from eropaf.risk.records import HouseholdEvent
from eropaf.risk.told import HouseholdRisk, PriorityUpdate
from eropaf.settings import Settings
from eropaf.streams.runtime.stage import Stage, changelog
from eropaf_client.publisher import Acknowledged
from eropaf_client.schemas.registry import LocalRegistry, Registry
from eropaf_client.schemas.topics import (
    EVERY,
    HOUSEHOLD_EVENTS,
    HOUSEHOLD_RISK,
    PRIORITIES,
    REJECTED,
    creditor,
    feedback,
)
from eropaf_client.schemas.wire import Codec
from tests.at_the_door import AtTheDoor, Heard, Intake, where
from tests.days import Events, judge_days
from tests.journal import Journal, asking_for, committed
from tests.verdict import CONFLICT, GAP, LOST, OUT_OF_ORDER, REPEATED, Verdict

NONE_ACKNOWLEDGED: Mapping[Acknowledged, str] = {}

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Oracle:
    """Judges one group's flow, when it has come to rest."""

    bootstrap: str
    group: str
    flow: Stages
    registry: Registry
    policy: Policy
    secret: bytes
    numbers: BsnRules
    max_record_bytes: int = 65_536

    @classmethod
    def of(cls, settings: Settings, flow: Stages) -> Oracle:
        """Return the oracle of a flow that runs under `settings`, with the schema ids that are built in."""
        return cls(
            settings.bootstrap,
            settings.group,
            flow,
            LocalRegistry(),
            settings.read_policy(),
            settings.secret(),
            settings.numbers(),
        )

    def judge(
        self, journal: Journal | None = None, acknowledged: Mapping[Acknowledged, str] = NONE_ACKNOWLEDGED
    ) -> Verdict:
        """Read everything and compare; `acknowledged` says where which signal was said to be stored."""
        seen = (journal or Journal(self.bootstrap, self.topics())).read()
        asking = asking_for(self.bootstrap, self.group)
        return self.compare(seen, committed(asking, self._ends(seen)), acknowledged)

    def compare(
        self,
        seen: Mapping[str, list[Message]],
        offsets: Mapping[tuple[str, int], int],
        acknowledged: Mapping[Acknowledged, str] = NONE_ACKNOWLEDGED,
    ) -> Verdict:
        """Compare what was `seen` on each topic, and the group's `offsets`, with what must be there."""
        verdict = Verdict()
        self._judge_acknowledged(verdict, seen, acknowledged)
        intake = self._door().of(seen)
        verdict.inputs = sum(len(seen[topic]) for topic in self.flow.intake.inputs)
        events = self._events(seen)
        told = self._judge_events(verdict, events, intake)
        self._judge_rejected(verdict, seen, intake.refused)
        history = self._judge_rest(verdict, seen, events)
        heard = self._judge_feedback(verdict, seen, intake, history)
        for signal, farewell in intake.perhaps.items():
            if signal in told and farewell in heard:
                verdict.add(CONFLICT, f"event {signal}, and its resident is told to be none")
            elif signal in intake.decided and signal not in told and farewell not in heard:
                verdict.add(LOST, f"event {signal}, or that its resident is none")
        judge_days(verdict, events, seen, self.registry)
        for place, end in self._ends(seen).items():
            if offsets.get(place, -1) < end:
                verdict.add(LOST, f"offsets {offsets.get(place, -1)} to {end} of {place[0]}-{place[1]}")
        return verdict

    def topics(self) -> list[str]:
        """Name every topic that is read."""
        inputs = [topic for stage in self.flow.all() for topic in stage.inputs]
        tables = [changelog(self.group, stage.table.name) for stage in self.flow.all() if stage.table]
        heard = [feedback(creditor(topic)) for topic in self.flow.intake.inputs]
        return [*inputs, *tables, *heard, PRIORITIES, REJECTED]

    def _door(self) -> AtTheDoor:
        inputs = self.flow.intake.inputs
        return AtTheDoor(inputs, self.registry, self.secret, self.numbers, self.max_record_bytes)

    def _judge_acknowledged(
        self, verdict: Verdict, seen: Mapping[str, list[Message]], acknowledged: Mapping[Acknowledged, str]
    ) -> None:
        if not acknowledged:
            return
        for topic in self.flow.intake.inputs:
            decode = Codec("ArrearsSignal", topic, self.registry).decode
            stored = {(message.partition(), message.offset()): message for message in seen[topic]}
            for at, signal_id in acknowledged.items():
                if at.topic != topic:
                    continue
                found = stored.get((at.partition, at.offset))
                if found is None:
                    verdict.add(LOST, f"acknowledged {topic}-{at.partition}-{at.offset}")
                elif decode(found.value())["signal_id"] != signal_id:
                    verdict.add(CONFLICT, f"acknowledged {topic}-{at.partition}-{at.offset}")

    def _judge_events(
        self,
        verdict: Verdict,
        events: Events,
        intake: Intake,
    ) -> Collection[str]:
        """Judge what creditors' signals lead to; return those, by their places, that led to an event."""
        expected = intake.events
        told = Counter[str]()
        perhaps: set[str] = set()
        last: dict[str, int] = {}
        arrears = set(self.flow.intake.inputs)
        for event in (event for part in events.values() for event in part):
            # What outreach, operators, the register and time say is told in its own place.
            if event.event_id.rsplit("-", 2)[0] not in arrears:
                continue
            if event.event_id in intake.perhaps:
                if event.event_id in perhaps:
                    verdict.add(REPEATED, f"event {event.event_id}")
                perhaps.add(event.event_id)
                continue
            told[event.event_id] += 1
            must = expected.get(event.event_id)
            if must is not None and must != event:
                verdict.add(CONFLICT, f"event {event.event_id}")
            # A creditor's records of one partition reach a household in the order they were sent.
            source, _, offset = event.event_id.rpartition("-")
            stream = f"{source}>{event.household}"
            if must is not None and told[event.event_id] == 1 and int(offset) < last.get(stream, -1):
                verdict.add(OUT_OF_ORDER, f"event {event.event_id}")
            last[stream] = int(offset)
        verdict.events = told.total()
        _once(verdict, "event", told, set(expected))
        if intake.waiting & told.keys():
            verdict.add(CONFLICT, "an event of a resident whom the register does not know")
        return perhaps

    def _judge_rejected(
        self, verdict: Verdict, seen: Mapping[str, list[Message]], refused: dict[str, tuple[str, Message]]
    ) -> None:
        decode = Codec("Rejected", REJECTED, self.registry).decode
        told = Counter[str]()
        for message in seen[REJECTED]:
            letter = decode(message.value())
            if letter["topic"] not in self.flow.intake.inputs:
                continue
            place = f"{letter['topic']}-{letter['partition']}-{letter['offset']}"
            told[place] += 1
            reason, origin = refused.get(place, (None, None))
            if origin is not None and (letter["reason"], letter["key"], letter["value"]) != (
                reason,
                origin.key(),
                origin.value(),
            ):
                verdict.add(CONFLICT, f"rejected {place}")
        verdict.rejected = told.total()
        _once(verdict, "rejected", told, set(refused))

    def _judge_rest(self, verdict: Verdict, seen: Mapping[str, list[Message]], events: Events) -> History:
        """Judge what follows from the events in the order they have: rows, risks and updates. Give it."""
        history = History(self.policy)
        for part in events.values():
            one = tell(part, self.policy)
            history.households |= one.households
            history.rankings |= one.rankings
            history.risks += one.risks
            history.updates += one.updates
            history.answers += one.answers
            history.answered += one.answered
        must: dict[str, list[PriorityUpdate]] = defaultdict(list)
        for update in history.updates:
            must[update.household].append(update)
        self._judge_updates(verdict, seen, must)
        households = self._rows(seen, self.flow.household)
        rankings = self._rows(seen, self.flow.ranking)
        _same(verdict, "risk table", households, history.households)
        _same(verdict, "ranking table", rankings, history.rankings)
        risks: dict[str, list[HouseholdRisk]] = defaultdict(list)
        for risk in history.risks:
            risks[risk.household].append(risk)
        kept = {household for household, row in history.households.items() if row.sequence}
        self._judge_risks(verdict, seen, risks, kept)
        return history

    def _judge_feedback(
        self, verdict: Verdict, seen: Mapping[str, list[Message]], intake: Intake, history: History
    ) -> Collection[tuple[str, str]]:
        """Judge what each creditor heard: at the door, and of its signals in households' histories.

        Return it, by name.
        """
        expected = _must_hear(intake, history)
        told = Counter[tuple[str, str]]()
        last: dict[tuple[str, str, str], int] = {}
        for said_by in map(creditor, self.flow.intake.inputs):
            decode = Codec("CreditorFeedback", feedback(said_by), self.registry).decode
            for message in seen[feedback(said_by)]:
                record, place = decode(message.value()), f"feedback {where(message)}"
                name = (said_by, record["feedback_id"])
                told[name] += 1
                number, heard = expected.get(name, (0, None))
                may = [heard.record] if heard is not None else intake.farewells.get(name, [record])
                if record not in may or message.key() != record["contract"].encode():
                    verdict.add(CONFLICT, place)
                if heard is None:
                    continue
                stream = (said_by, heard.source, record["contract"])
                if told[name] == 1 and number < last.get(stream, -1):
                    verdict.add(OUT_OF_ORDER, place)
                last[stream] = max(number, last.get(stream, -1))
        verdict.answers = told.total()
        known = expected.keys() | (told.keys() & intake.farewells.keys())
        named = Counter({"/".join(name): times for name, times in told.items()})
        _once(verdict, "feedback", named, {"/".join(name) for name in known})
        return told.keys()

    def _judge_updates(
        self, verdict: Verdict, seen: Mapping[str, list[Message]], must: dict[str, list[PriorityUpdate]]
    ) -> None:
        decode = Codec("PriorityUpdate", PRIORITIES, self.registry).decode
        last: Counter[str] = Counter()
        for message in seen[PRIORITIES]:
            if message.value() is None:  # forgotten: what follows counts from 1 again
                key = (message.key() or b"").decode()
                must[key] = must[key][last.pop(key, 0) :]
                continue
            update = PriorityUpdate.from_record(decode(message.value()))
            before, place = last[update.household], f"update {where(message)}"
            verdict.updates += 1
            if update.sequence == before:
                verdict.add(REPEATED, place)
            elif update.sequence < before:
                verdict.add(OUT_OF_ORDER, place)
            elif update.sequence > before + 1:
                verdict.add(GAP, place)
            last[update.household] = max(before, update.sequence)
            if update not in must[update.household][update.sequence - 1 : update.sequence]:
                verdict.add(CONFLICT, place)
        for household, updates in must.items():
            for missing in updates[last[household] :]:
                verdict.add(LOST, f"update {missing.update_id}")

    def _judge_risks(
        self,
        verdict: Verdict,
        seen: Mapping[str, list[Message]],
        must: dict[str, list[HouseholdRisk]],
        kept: Collection[str],
    ) -> None:
        """Judge risks, in order; of households that are no longer `kept`, the last may be compacted away."""
        decode = Codec("HouseholdRisk", HOUSEHOLD_RISK, self.registry).decode
        passed: Counter[str] = Counter()
        for message in seen[HOUSEHOLD_RISK]:
            if message.value() is None:
                continue
            risk = HouseholdRisk.from_record(decode(message.value()))
            household = risk.household
            if household == EVERY:
                continue
            before, ahead = must[household][: passed[household]], must[household][passed[household] :]
            if risk in ahead:
                # The topic is compacted, so a gap is no fault.
                passed[household] += ahead.index(risk) + 1
            else:
                verdict.add(REPEATED if risk in before else CONFLICT, f"risk {where(message)}")
        for household in must.keys() & kept:
            for missing in must[household][passed[household] :]:
                verdict.add(LOST, f"risk {household} {missing.sequence}")

    def _ends(self, seen: Mapping[str, list[Message]]) -> dict[tuple[str, int], int]:
        """Return the offset behind the last record of each input partition that holds any."""
        return {
            (topic, message.partition() or 0): (message.offset() or 0) + 1
            for stage in self.flow.all()
            for topic in stage.inputs
            for message in seen[topic]
        }

    def _events(self, seen: Mapping[str, list[Message]]) -> Events:
        decode = Codec("HouseholdEvent", HOUSEHOLD_EVENTS, self.registry).decode
        parts: dict[int, list[HouseholdEvent]] = defaultdict(list)
        for message in seen[HOUSEHOLD_EVENTS]:
            event = HouseholdEvent.from_record(decode(message.value()))
            parts[message.partition() or 0].append(event)
        return parts

    def _rows(self, seen: Mapping[str, list[Message]], stage: Stage) -> dict[str, Any]:
        assert stage.table is not None
        rows: dict[str, Any] = {}
        for message in seen[changelog(self.group, stage.table.name)]:
            key, value = (message.key() or b"").decode(), message.value()
            if value is None:
                rows.pop(key, None)
            elif key != EVERY:
                rows[key] = stage.table.decode(value)
        return rows


def _must_hear(intake: Intake, history: History) -> dict[tuple[str, str], tuple[int, Heard]]:
    """Return what creditors must hear, by name, each with its place in the order in which it arose."""
    answers = [*intake.answers]
    for event, answer in zip(history.answered, history.answers, strict=True):
        answers.append(Heard(answer.creditor, event.household, answer.to_record(event.event_id, event.at)))
    return {heard.name: (number, heard) for number, heard in enumerate(answers)}


def _once(verdict: Verdict, what: str, told: Counter[str], expected: set[str]) -> None:
    for place in sorted(expected - told.keys()):
        verdict.add(LOST, f"{what} {place}")
    for place in sorted(told.keys() - expected):
        verdict.add(CONFLICT, f"{what} {place} follows from nothing")
    for place, times in told.items():
        for _ in range(times - 1):
            verdict.add(REPEATED, f"{what} {place}")


def _same(verdict: Verdict, table: str, found: dict[str, Row], must: dict[str, Row]) -> None:
    for key in must.keys() - found.keys():
        verdict.add(LOST, f"{table} {key}")
    for key, row in found.items():
        if must.get(key) != row:
            verdict.add(CONFLICT, f"{table} {key}")
