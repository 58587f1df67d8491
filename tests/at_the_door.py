"""What must become of every record that the creditors sent: an event, a rejection, an answer, or a wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import Message

from eropaf.risk.bsn import BsnRules
from eropaf.risk.feedback import Answer
from eropaf.risk.intake import ForHousehold, answer_to, take_in
from eropaf.risk.lawful import ASKING
from eropaf.risk.records import HouseholdEvent, Signal, UnresolvedSignal
from eropaf.risk.refusal import Refused
from eropaf.streams.runtime.dead_letter import TOO_LARGE
from eropaf_client.schemas.errors import Undecodable
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import RESIDENCY_TICKS, RESIDENTS, creditor
from eropaf_client.schemas.wire import Codec


@dataclass(frozen=True, slots=True)
class Heard:
    """What a creditor must hear. Of one contract it comes in the order of `source`, where it arose."""

    creditor: str
    source: str
    record: dict[str, Any]

    @property
    def name(self) -> tuple[str, str]:
        """Creditor and feedback id: each is told once."""
        return self.creditor, self.record["feedback_id"]


@dataclass(slots=True)
class Intake:
    """What must become of every record of the creditors, by its id, which is its place.

    `events` are the events that follow (None: the register says whose), `refused` the reason and the
    record of what is set aside, `waiting` what waits for the register. `answers` is what must be heard
    of it, `farewells` what may be, by name: of a resident who left while signals waited, or who was not known
    for long. Where the register knew the resident at some time, the order in which two topics were read
    decides whether it is that or an event, and that is nobody's to say: `perhaps` has the name of either's
    farewell. It is one of both, at the latest when the register knows the resident at last: `decided`.
    """

    events: dict[str, HouseholdEvent | None] = field(default_factory=dict)
    refused: dict[str, tuple[str, Message]] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    perhaps: dict[str, tuple[str, str]] = field(default_factory=dict)
    decided: set[str] = field(default_factory=set)
    answers: list[Heard] = field(default_factory=list)
    farewells: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))


def where(message: Message) -> str:
    return f"{message.topic()}-{message.partition()}-{message.offset()}"


@dataclass(frozen=True, slots=True)
class AtTheDoor:
    """Says what must become of what lies on `inputs`, the creditors' topics."""

    inputs: tuple[str, ...]
    registry: Registry
    secret: bytes
    numbers: BsnRules
    max_record_bytes: int

    def of(self, seen: Mapping[str, list[Message]]) -> Intake:
        intake = Intake()
        signals: dict[str, list[tuple[str, int, Signal]]] = defaultdict(list)
        for topic in self.inputs:
            decode = Codec("ArrearsSignal", topic, self.registry).decode
            for message in seen[topic]:
                place, value = where(message), message.value()
                if value is not None and len(value) > self.max_record_bytes:
                    intake.refused[place] = (TOO_LARGE, message)
                    continue
                try:
                    record = decode(value)
                except Undecodable as error:
                    intake.refused[place] = (error.reason, message)
                    continue
                taken = self._taken_in(intake, record, message)
                if taken is not None:
                    signals[taken.resident].append((place, message.timestamp()[1], taken.signal))
        ends = Codec("ResidencyTick", RESIDENCY_TICKS, self.registry).decode
        told = {(each.timestamp()[1], ends(each.value())["stored_before"]) for each in seen[RESIDENCY_TICKS]}
        _meet_the_register(intake, signals, seen[RESIDENTS], told)
        return intake

    def _taken_in(self, intake: Intake, record: dict[str, Any], message: Message) -> UnresolvedSignal | None:
        """Return what must become of a signal; give it back where that is for the register to say."""
        place, stored_at, said_by = where(message), message.timestamp()[1], creditor(str(message.topic()))
        try:
            taken = take_in(
                record,
                creditor=said_by,
                event_id=place,
                received_at=stored_at,
                secret=self.secret,
                numbers=self.numbers,
            )
        except Refused as refusal:
            intake.refused[place] = (refusal.reason, message)
            answer = answer_to(record, said_by, refusal.reason)
            if answer is not None:
                source = f"{message.topic()}-{message.partition()}"
                intake.answers.append(Heard(said_by, source, answer.to_record(place, stored_at)))
            return None
        if isinstance(taken, ForHousehold):
            intake.events[place] = taken.event
            return None
        return taken.signal


def _meet_the_register(
    intake: Intake,
    signals: dict[str, list[tuple[str, int, Signal]]],
    entries: list[Message],
    told: Collection[tuple[int, int]],
) -> None:
    known: set[str] = set()
    at_last: set[str] = set()
    left: dict[str, list[int]] = defaultdict(list)
    for message in entries:
        resident = (message.key() or b"").decode()
        if message.value() is None:
            left[resident].append(message.timestamp()[1])
            at_last.discard(resident)
        else:
            known.add(resident)
            at_last.add(resident)
    for resident, of_resident in signals.items():
        for place, stored_at, signal in of_resident:
            let_go = [at for at, stored_before in told if stored_at < stored_before]
            ends = (*left[resident], *let_go)
            answer = Answer(signal.creditor, signal.contract, signal.signal_id, "NOT_A_RESIDENT")
            farewells = [Heard(signal.creditor, "", answer.to_record(place, at)) for at in ends]
            if resident in known and farewells:
                intake.perhaps[place] = farewells[0].name
                if resident in at_last and signal.kind in ASKING:
                    intake.decided.add(place)
            elif resident in known:
                intake.events[place] = None
            else:
                intake.waiting.add(place)
            for may in farewells if signal.kind in ASKING else ():
                intake.farewells[may.name].append(may.record)
