"""The oracle, tried on a log that is right and on the same log with one thing wrong in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from eropaf.agents.clock import as_event
from eropaf.agents.topology import stages
from eropaf.risk.address import normalise
from eropaf.risk.bsn import ANY
from eropaf.risk.events import ResidencyTick, Tick
from eropaf.risk.feedback import Answer
from eropaf.risk.history import tell
from eropaf.risk.identity import resident_key
from eropaf.risk.intake import ForHousehold, take_in
from eropaf.risk.records import HouseholdEvent
from eropaf.simulate.calibration import AMSTERDAM
from eropaf.simulate.month import month
from eropaf_client.publisher import Acknowledged
from eropaf_client.records import ConsentOffer, OwnEffort, Resident
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import (
    EVERY,
    HOUSEHOLD_EVENTS,
    HOUSEHOLD_RISK,
    PRIORITIES,
    REJECTED,
    RESIDENCY_TICKS,
    RESIDENTS,
    arrears,
    feedback,
)
from eropaf_client.schemas.wire import Codec
from tests.builders import SECRET, amsterdam_example, an_arrears_signal
from tests.oracle import Oracle
from tests.verdict import CONFLICT, GAP, LOST, OUT_OF_ORDER, REPEATED, Verdict

RENT, HEARD = arrears("rent"), feedback("rent")
REGISTRY = LocalRegistry()
FLOW = stages("eropaf", ("rent", "water"), REGISTRY)
# A day before all signals, on which nothing is due.
LONG_AGO = 20_000
# Places on HEARD of what is heard of a signal refused at the door, and of one whose resident left.
AT_THE_DOOR, FAREWELL = 0, 1
ROWS, RANKINGS = "eropaf-household-changelog", "eropaf-ranking-changelog"


@dataclass(frozen=True)
class Written:
    """A record as a subscriber reads it."""

    name: str
    at: int
    under: bytes
    data: bytes | None

    def topic(self) -> str:
        return self.name

    def partition(self) -> int:
        return 0

    def offset(self) -> int:
        return self.at

    def key(self) -> bytes:
        return self.under

    def value(self) -> bytes | None:
        return self.data

    def timestamp(self) -> tuple[int, int]:
        return (1, 1_800_000_000_000)


class Log:
    """What a flow without a fault leaves behind, made by the rules alone; and a way to spoil it."""

    def __init__(self) -> None:
        self.oracle = Oracle("", "eropaf", FLOW, REGISTRY, amsterdam_example(), SECRET, ANY)
        self.topics: dict[str, list[Any]] = {topic: [] for topic in self.oracle.topics()}
        self.acknowledged: dict[Acknowledged, str] = {}
        self._publish()
        events = [
            HouseholdEvent.from_record(self.decoded("HouseholdEvent", each))
            for each in self.topics[HOUSEHOLD_EVENTS]
        ]
        history = tell(events, amsterdam_example())
        for event, answer in zip(history.answered, history.answers, strict=True):
            self.write(HEARD, "CreditorFeedback", answer.contract, answer.to_record(event.event_id, event.at))
        for risk in history.risks:
            self.write(HOUSEHOLD_RISK, "HouseholdRisk", risk.household, risk.to_record())
        for update in history.updates:
            self.write(PRIORITIES, "PriorityUpdate", update.household, update.to_record())
        for household, row in history.households.items():
            self.write(ROWS, "HouseholdRow", household, row.to_record())
        for household, ranking in history.rankings.items():
            self.write(RANKINGS, "RankingRow", household, ranking.to_record())

    def write(self, topic: str, record: str, key: str, value: Mapping[str, Any]) -> None:
        data = Codec(record, topic, REGISTRY).encode(dict(value))
        self.topics[topic].append(Written(topic, len(self.topics[topic]), key.encode(), data))

    def tell_day(self) -> None:
        """Let a day pass on which nothing is due, in two slices of households and one of the register."""
        for tick in (Tick(LONG_AGO, 0, 0), Tick(LONG_AGO, 0, 2), Tick(LONG_AGO, 1, 2)):
            self.write(HOUSEHOLD_EVENTS, "HouseholdEvent", EVERY, as_event(tick).to_record())
        for tick in (Tick(LONG_AGO, 0, 0), Tick(LONG_AGO, 0, 1)):
            self.write(RESIDENCY_TICKS, "ResidencyTick", EVERY, ResidencyTick(tick, 0).to_record())

    def comes_back(self) -> None:
        """Let the register know again who left."""
        entry = {"address": normalise("1012AB", "1", None).to_record()}
        self.write(RESIDENTS, "Residence", resident_key("123456782", SECRET), entry)

    def decoded(self, record: str, message: Any) -> dict[str, Any]:
        return Codec(record, message.topic(), REGISTRY).decode(message.value())

    def verdict(self) -> Verdict:
        inputs = (RENT, RESIDENTS, RESIDENCY_TICKS, HOUSEHOLD_EVENTS, HOUSEHOLD_RISK)
        ends = {(topic, 0): len(self.topics[topic]) for topic in inputs}
        return self.oracle.compare(self.topics, ends, self.acknowledged)

    def again(self, topic: str, index: int) -> None:
        """Write a record once more, at the end."""
        message = self.topics[topic][index]
        self.topics[topic].append(replace(message, at=len(self.topics[topic])))

    def change(self, topic: str, record: str, index: int, **changes: Any) -> None:
        message = self.topics[topic][index]
        data = Codec(record, topic, REGISTRY).encode(self.decoded(record, message) | changes)
        self.topics[topic][index] = replace(message, data=data)

    def _publish(self) -> None:
        busy = replace(AMSTERDAM, signals_per_household=1.0)
        days = month(150, date(2026, 3, 1), 3, busy)
        sent = [each.signal for day in days for wave in day.waves for each in wave if each.creditor == "rent"]
        small = an_arrears_signal(contract="contract-z", amount_cents=4_000)
        for signal in [*sent, small, replace(small, signal_id="signal-2", version=2)]:
            self.acknowledged[Acknowledged(RENT, 0, len(self.topics[RENT]))] = signal.signal_id
            self.write(RENT, "ArrearsSignal", signal.contract, signal.to_record())
            message = self.topics[RENT][-1]
            taken = take_in(
                self.decoded("ArrearsSignal", message),
                creditor="rent",
                event_id=f"{RENT}-0-{message.offset()}",
                received_at=message.timestamp()[1],
                secret=SECRET,
            )
            assert isinstance(taken, ForHousehold)
            self.write(HOUSEHOLD_EVENTS, "HouseholdEvent", taken.event.household, taken.event.to_record())
        self.topics[RENT].append(Written(RENT, len(self.topics[RENT]), b"poison", b"\x07"))
        self._set_aside("wrong-magic")
        self._refused_at_the_door()
        self._of_somebody_who_left()

    def _refused_at_the_door(self) -> None:
        no_contact = OwnEffort(False, True, 1, ConsentOffer.NO_ANSWER)
        signal = an_arrears_signal(contract="contract-x", own_effort=no_contact)
        self.write(RENT, "ArrearsSignal", signal.contract, signal.to_record())
        self._set_aside("no-personal-contact")
        answer = Answer("rent", "contract-x", "signal-1", "NOT_PICKED_UP_UNJUSTIFIED", "no-personal-contact")
        place, stored_at = f"{RENT}-0-{self.topics[RENT][-1].at}", self.topics[RENT][-1].timestamp()[1]
        self.write(HEARD, "CreditorFeedback", "contract-x", answer.to_record(place, stored_at))

    def _of_somebody_who_left(self) -> None:
        signal = an_arrears_signal(contract="contract-y", resident=Resident("123456782"))
        self.write(RENT, "ArrearsSignal", signal.contract, signal.to_record())
        left = Written(RESIDENTS, 0, resident_key("123456782", SECRET).encode(), None)
        self.topics[RESIDENTS].append(left)
        answer = Answer("rent", "contract-y", "signal-1", "NOT_A_RESIDENT")
        record = answer.to_record(f"{RENT}-0-{self.topics[RENT][-1].at}", left.timestamp()[1])
        self.write(HEARD, "CreditorFeedback", "contract-y", record)

    def _set_aside(self, reason: str) -> None:
        """Put the last record of RENT aside."""
        message = self.topics[RENT][-1]
        letter = {
            "reason": reason,
            "detail": "",
            "agent": "intake",
            "topic": RENT,
            "partition": 0,
            "offset": message.at,
            "timestamp_ms": 0,
            "key": message.under,
            "value": message.data,
            "headers": [],
        }
        self.write(REJECTED, "Rejected", message.under.decode(), letter)


@pytest.fixture
def log() -> Log:
    return Log()


def twice_told(log: Log) -> tuple[int, int]:
    """Return the places of the first two updates of some household."""
    households = [message.key() for message in log.topics[PRIORITIES]]
    household = next(each for each in households if households.count(each) > 1)
    first = households.index(household)
    return first, households.index(household, first + 1)


def test_a_log_that_is_right_is_found_right(log: Log) -> None:
    verdict = log.verdict()

    assert verdict.clean, verdict
    assert verdict.inputs > 50
    assert verdict.updates > 20
    assert verdict.rejected == 2
    assert verdict.answers == 4


@pytest.mark.parametrize(
    "topic", [HOUSEHOLD_EVENTS, PRIORITIES, REJECTED, ROWS, RANKINGS, HOUSEHOLD_RISK, HEARD]
)
def test_a_lost_record_is_found(log: Log, topic: str) -> None:
    log.topics[topic].pop()

    assert log.verdict().counts[LOST] >= 1


def test_a_lost_acknowledged_signal_is_found(log: Log) -> None:
    del log.topics[RENT][3]

    assert log.verdict().counts[LOST] >= 1


@pytest.mark.parametrize("topic", [HOUSEHOLD_EVENTS, PRIORITIES, REJECTED, HOUSEHOLD_RISK, HEARD])
def test_a_repeated_record_is_found(log: Log, topic: str) -> None:
    log.again(topic, -1)

    assert log.verdict().counts[REPEATED] >= 1


def test_updates_in_another_order_are_found(log: Log) -> None:
    first, second = twice_told(log)
    updates = log.topics[PRIORITIES]
    updates[first], updates[second] = updates[second], updates[first]

    assert log.verdict().counts[OUT_OF_ORDER] >= 1


def test_a_gap_in_a_households_sequence_is_found(log: Log) -> None:
    first, _ = twice_told(log)
    del log.topics[PRIORITIES][first]

    assert log.verdict().counts[GAP] >= 1


@pytest.mark.parametrize(
    ("topic", "record", "change"),
    [
        (PRIORITIES, "PriorityUpdate", {"urgency": 1}),
        (HOUSEHOLD_EVENTS, "HouseholdEvent", {"at": 1}),
        (REJECTED, "Rejected", {"value": b"other"}),
        (HOUSEHOLD_RISK, "HouseholdRisk", {"score": 1}),
        (ROWS, "HouseholdRow", {"sequence": 99}),
        (RANKINGS, "RankingRow", {"sequence": 99}),
        (HEARD, "CreditorFeedback", {"at": 1}),
        (HEARD, "CreditorFeedback", {"status": "PICKED_UP"}),
        (HEARD, "CreditorFeedback", {"reason": None}),
        (HEARD, "CreditorFeedback", {"feedback_id": "another"}),
        (RENT, "ArrearsSignal", {"signal_id": "another"}),
    ],
)
def test_a_changed_record_is_found(log: Log, topic: str, record: str, change: dict[str, Any]) -> None:
    log.change(topic, record, 0, **change)

    assert log.verdict().counts[CONFLICT] >= 1


def test_an_answer_at_the_door_that_is_lost_is_found(log: Log) -> None:
    del log.topics[HEARD][AT_THE_DOOR]

    assert log.verdict().counts[LOST] == 1


def test_an_answer_that_another_creditor_hears_is_found(log: Log) -> None:
    log.topics[feedback("water")].append(log.topics[HEARD].pop())

    verdict = log.verdict()

    assert verdict.counts[LOST] == 1
    assert verdict.counts[CONFLICT] == 1


def test_an_answer_under_another_contract_is_found(log: Log) -> None:
    log.topics[HEARD][0] = replace(log.topics[HEARD][0], under=b"another")

    assert log.verdict().counts[CONFLICT] == 1


def test_answers_out_of_order_are_found_within_a_contract_and_no_fault_across_two(
    log: Log,
) -> None:
    heard = log.topics[HEARD]
    assert [message.key() for message in heard[2:]] == [b"contract-z"] * 2
    heard[AT_THE_DOOR], heard[2] = heard[2], heard[AT_THE_DOOR]
    assert log.verdict().clean

    heard[0], heard[3] = heard[3], heard[0]

    assert log.verdict().counts[OUT_OF_ORDER] == 1


def test_a_signal_may_have_waited_when_its_resident_left_and_the_answer_is_judged(
    log: Log,
) -> None:
    message = log.topics[HEARD][FAREWELL]

    del log.topics[HEARD][FAREWELL]
    assert log.verdict().clean
    log.topics[HEARD] += [message, message]
    assert log.verdict().counts[REPEATED] == 1
    log.topics[HEARD].pop()
    log.change(HEARD, "CreditorFeedback", -1, at=1)
    assert log.verdict().counts[CONFLICT] == 1


def test_an_offset_that_stands_behind_is_found(log: Log) -> None:
    verdict = log.oracle.compare(log.topics, {}, log.acknowledged)

    assert verdict.counts[LOST] == 4


def test_a_day_that_went_through_every_slice_is_found_right(log: Log) -> None:
    log.tell_day()

    assert log.verdict().clean, log.verdict()


@pytest.mark.parametrize("topic", [HOUSEHOLD_EVENTS, RESIDENCY_TICKS])
@pytest.mark.parametrize("slice_from_the_end", [1, 2])
def test_a_day_that_stopped_half_way_is_found(log: Log, topic: str, slice_from_the_end: int) -> None:
    log.tell_day()

    del log.topics[topic][-slice_from_the_end]

    assert log.verdict().counts[LOST] >= 1


@pytest.mark.parametrize("topic", [HOUSEHOLD_EVENTS, RESIDENCY_TICKS])
def test_a_slice_of_a_day_that_came_twice_is_found(log: Log, topic: str) -> None:
    log.tell_day()

    log.again(topic, -1)

    assert log.verdict().counts[REPEATED] == 1


def test_a_signal_on_who_left_and_came_back_is_answered_or_taken_in(log: Log) -> None:
    log.comes_back()

    assert log.verdict().clean, log.verdict()


def test_a_signal_on_who_left_and_came_back_that_led_to_nothing_is_found(log: Log) -> None:
    log.comes_back()

    del log.topics[HEARD][FAREWELL]

    assert log.verdict().counts[LOST] == 1


def test_a_signal_that_is_both_answered_and_taken_in_is_found(log: Log) -> None:
    log.comes_back()
    place = f"{RENT}-0-{log.topics[RENT][-1].at}"

    event = log.decoded("HouseholdEvent", log.topics[HOUSEHOLD_EVENTS][0]) | {"event_id": place}
    log.write(HOUSEHOLD_EVENTS, "HouseholdEvent", event["household"], event)

    assert f"event {place}, and its resident is told to be none" in log.verdict().places[CONFLICT]
