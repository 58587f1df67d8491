"""A record on which this version's own code fails is set aside alone: a bug stops no partition."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest
from structlog.testing import capture_logs

from eropaf.agents import household, intake, outcomes, ranking, residency
from eropaf.agents.clock import as_event
from eropaf.agents.codecs import household_events, household_risks
from eropaf.agents.topology import stages
from eropaf.agents.worker import attach
from eropaf.risk.bsn import ANY
from eropaf.risk.events import PolicyActivated, Tick
from eropaf.risk.records import Address, HouseholdEvent, UnresolvedSignal
from eropaf.streams.errors import InvariantBroken
from eropaf.streams.observe.tracing import Tracing
from eropaf.streams.runtime.batch import Batch
from eropaf.streams.runtime.dead_letter import DeadLetters
from eropaf.streams.runtime.record import REPLAY_OF, STORED_AT, Output, Record
from eropaf.streams.runtime.stage import Stage
from eropaf.streams.state.rows import InMemory
from eropaf.streams.state.table import TablePartition
from eropaf_client.schemas import topics
from eropaf_client.schemas.errors import RegistryUnavailable
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.wire import Codec
from tests.builders import (
    AMSTERDAM_EXAMPLE,
    HOME,
    MARCH_2,
    NOON,
    SECRET,
    a_risk,
    a_signal,
    amsterdam_example,
    an_arrears_signal,
    an_event,
)

REGISTRY = LocalRegistry()
FLOW = stages("eropaf", ["rent"], REGISTRY)
LETTERS = Codec("Rejected", topics.REJECTED, REGISTRY)
KEYS = [f"{number:032x}" for number in range(3)]


@dataclass(frozen=True, slots=True)
class Read:
    """A record as it is read."""

    on: str
    at: int
    named: str
    held: bytes

    def topic(self) -> str:
        return self.on

    def partition(self) -> int:
        return 0

    def offset(self) -> int:
        return self.at

    def key(self) -> bytes:
        return self.named.encode()

    def value(self) -> bytes:
        return self.held

    def timestamp(self) -> tuple[int, int]:
        return 1, NOON

    def headers(self) -> list[tuple[str, bytes | None]] | None:
        return None


class Flow:
    """The flow's agents without Faust: each is given a batch, and its rows."""

    def __init__(self, sealer: Any = None) -> None:
        self._bodies: dict[str, Callable[[Any], Any]] = {}
        app: Any = self
        attach(app, FLOW, REGISTRY, amsterdam_example(), SECRET, sealer, ANY)
        self.rows: dict[str, TablePartition[Any]] = {
            stage.name: TablePartition(stage.table, InMemory()) for stage in FLOW.all() if stage.table
        }

    def batches(self, stage: Stage) -> Stage:
        return stage

    def agent(self, stage: Stage, name: str) -> Callable[[Any], Any]:
        def attached(body: Any) -> Any:
            self._bodies[name] = body
            return body

        return attached

    def work(self, stage: Stage, topic: str, values: list[tuple[str, bytes]]) -> list[Output]:
        """Let an agent work off one batch; return what it writes."""
        records: list[Record] = [Read(topic, at, *value) for at, value in enumerate(values)]
        letters = DeadLetters(stage, LETTERS, 65_536)
        batch = Batch(records, stage.name, letters, self.rows.get(stage.name), Tracing(frozenset(), None))

        async def one() -> AsyncIterator[Batch]:
            yield batch

        asyncio.run(self._bodies[stage.name](one()))
        return batch.outputs


def signals() -> list[tuple[str, bytes]]:
    codec = Codec("ArrearsSignal", topics.arrears("rent"), REGISTRY)
    return [(key, codec.encode(an_arrears_signal(contract=key).to_record())) for key in KEYS]


def reports() -> list[tuple[str, bytes]]:
    codec = Codec("OutreachOutcome", topics.OUTCOMES, REGISTRY)
    nothing = {"picked_up_on": None, "attempt": None, "overrule": None, "objects": None, "signals": ()}
    return [
        (key, codec.encode({"outcome_id": key, "household": key, "at": NOON, "result": "HELP", **nothing}))
        for key in KEYS
    ]


def entries() -> list[tuple[str, bytes]]:
    codec = Codec("Residence", topics.RESIDENTS, REGISTRY)
    return [(key, codec.encode({"address": HOME.to_record(), "minor_children": True})) for key in KEYS]


def unresolved() -> list[tuple[str, bytes]]:
    codec = Codec("UnresolvedSignal", topics.UNRESOLVED_SIGNALS, REGISTRY)
    return [(key, codec.encode(UnresolvedSignal(key, "e", a_signal()).to_record())) for key in KEYS]


def events() -> list[tuple[str, bytes]]:
    encode = household_events(REGISTRY).encode
    return [(key, encode(an_event(address=Address("1011AB", at + 1, "")))) for at, key in enumerate(KEYS)]


def risks() -> list[tuple[str, bytes]]:
    encode = household_risks(REGISTRY).encode
    return [(key, encode(a_risk(household=key, score=9_000))) for key in KEYS]


def breaks(patch: pytest.MonkeyPatch, module: ModuleType, name: str, at: int, error: Exception) -> None:
    """Let the call with the number `at` to `name` in `module` raise `error`."""
    right, calls = getattr(module, name), iter(range(1_000))

    def broken(*args: Any, **named: Any) -> Any:
        if next(calls) == at:
            raise error
        return right(*args, **named)

    patch.setattr(module, name, broken)


def letters(outputs: list[Output]) -> list[dict[str, Any]]:
    return [LETTERS.decode(each.value) for each in outputs if each.topic == topics.REJECTED]


Case = tuple[Stage, str, Callable[[], list[tuple[str, bytes]]], ModuleType, str]

CASES: list[Case] = [
    (FLOW.intake, topics.arrears("rent"), signals, intake, "take_in"),
    (FLOW.outcomes, topics.OUTCOMES, reports, outcomes, "events_of"),
    (FLOW.residency, topics.RESIDENTS, entries, residency, "register"),
    (FLOW.residency, topics.UNRESOLVED_SIGNALS, unresolved, residency, "resolve"),
    (FLOW.household, topics.HOUSEHOLD_EVENTS, events, household, "fold"),
    (FLOW.ranking, topics.HOUSEHOLD_RISK, risks, ranking, "rank"),
]
by_rule = pytest.mark.parametrize(("stage", "topic", "values", "module", "rule"), CASES)


@by_rule
def test_a_record_on_which_a_rule_fails_is_a_letter_and_the_others_go_on(
    stage: Stage,
    topic: str,
    values: Callable[[], list[tuple[str, bytes]]],
    module: ModuleType,
    rule: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = values()
    breaks(monkeypatch, module, rule, 1, OverflowError("year 33658 is out of range, of resident Jansen"))
    flow, without = Flow(), Flow()

    outputs = flow.work(stage, topic, told)

    monkeypatch.undo()
    (letter,) = letters(outputs)
    assert (letter["reason"], letter["offset"], letter["value"]) == ("processing-failed", 1, told[1][1])
    assert "OverflowError at" in letter["detail"]
    assert "Jansen" not in letter["detail"]
    others = without.work(stage, topic, [told[0], told[2]])
    assert [(each.topic, each.key) for each in outputs if each.topic != topics.REJECTED] == [
        (each.topic, each.key) for each in others
    ]
    if stage.table is not None:
        assert flow.rows[stage.name].get(KEYS[1].encode()) is None
        assert flow.rows[stage.name].get(KEYS[2].encode()) is not None


@by_rule
@pytest.mark.parametrize("error", [InvariantBroken("risk"), RegistryUnavailable("registry"), MemoryError()])
def test_what_no_value_is_the_cause_of_still_ends_a_worker(
    stage: Stage,
    topic: str,
    values: Callable[[], list[tuple[str, bytes]]],
    module: ModuleType,
    rule: str,
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    breaks(monkeypatch, module, rule, 1, error)

    with pytest.raises(type(error)):
        Flow().work(stage, topic, values())


def test_what_a_record_had_led_to_before_it_failed_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    flow = Flow()
    flow.work(FLOW.residency, topics.RESIDENTS, entries()[:1])
    before = flow.rows["residency"].get(KEYS[0].encode())
    monkeypatch.setattr(Batch, "emit", failing_after(1, Batch.emit))

    outputs = flow.work(FLOW.residency, topics.RESIDENTS, [(KEYS[0], moved())])

    assert [each.topic for each in outputs] == [topics.REJECTED]
    assert before is not None
    assert flow.rows["residency"].get(KEYS[0].encode()) == before


def test_an_answer_that_fails_sets_its_refused_record_aside_as_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is told where a refusal is dealt with: nothing else would catch it, and the worker end."""
    codec = Codec("ArrearsSignal", topics.arrears("rent"), REGISTRY)
    refused = codec.encode(an_arrears_signal(amount_cents=-1).to_record())
    breaks(monkeypatch, intake, "answer_to", 0, KeyError("status"))

    outputs = Flow().work(FLOW.intake, topics.arrears("rent"), [(KEYS[0], refused)])

    assert [each["reason"] for each in letters(outputs)] == ["processing-failed"]


def test_a_record_that_fits_its_schema_and_no_value_of_ours_is_set_aside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def failing(_: dict[str, Any]) -> HouseholdEvent:
        raise KeyError("address")

    codec = Codec("HouseholdEvent", topics.HOUSEHOLD_EVENTS, REGISTRY, HouseholdEvent, failing)
    monkeypatch.setattr(household, "household_events", lambda _: codec)

    outputs = Flow().work(FLOW.household, topics.HOUSEHOLD_EVENTS, events())

    assert [each["reason"] for each in letters(outputs)] == ["processing-failed"] * len(KEYS)


def test_a_policy_that_is_not_told_onward_is_not_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    flow = Flow()
    activated = PolicyActivated(amsterdam_example().version, AMSTERDAM_EXAMPLE, NOON)
    event = HouseholdEvent("*", "policy-1", NOON, policy=activated)
    monkeypatch.setattr(Batch, "emit", failing_after(0, Batch.emit))

    outputs = flow.work(
        FLOW.household, topics.HOUSEHOLD_EVENTS, [("*", household_events(REGISTRY).encode(event))]
    )

    assert [each["reason"] for each in letters(outputs)] == ["processing-failed"]
    assert flow.rows["household"].get(b"*") is None


def test_a_household_whose_last_risk_failed_leaves_the_list_by_its_tombstone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A row that stays would take what comes of the household later, from 1 again, for older."""
    flow = Flow()
    flow.work(FLOW.ranking, topics.HOUSEHOLD_RISK, risks()[:1])
    breaks(monkeypatch, ranking, "rank", 0, ValueError("month must be in 1..12"))
    last = household_risks(REGISTRY).encode(a_risk(household=KEYS[0], ended_by="FORGOTTEN", sequence=2))

    outputs = flow.work(FLOW.ranking, topics.HOUSEHOLD_RISK, [(KEYS[0], last), (KEYS[0], gone())])

    assert [each["reason"] for each in letters(outputs)] == ["processing-failed"]
    assert [(each.key, each.value) for each in outputs if each.topic == topics.PRIORITIES] == [
        (KEYS[0].encode(), None)
    ]
    assert flow.rows["ranking"].get(KEYS[0].encode()) is None
    assert flow.work(FLOW.ranking, topics.HOUSEHOLD_RISK, [(KEYS[0], gone())]) == []


def gone() -> Any:
    """Return the value of a tombstone."""
    return None


def moved() -> bytes:
    codec = Codec("Residence", topics.RESIDENTS, REGISTRY)
    return codec.encode({"address": Address("1011AB", 99, "").to_record(), "minor_children": True})


def failing_after(good: int, emit: Callable[..., None]) -> Callable[..., None]:
    calls = iter(range(1_000))

    def emits(*args: Any, **named: Any) -> None:
        if next(calls) >= good:
            raise ValueError("it does not fit the schema")
        emit(*args, **named)

    return emits


def test_a_household_on_which_a_day_fails_stops_the_day_for_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    flow = Flow()
    flow.work(FLOW.household, topics.HOUSEHOLD_EVENTS, events())
    flow.rows["household"].rest()
    later = as_event(Tick(MARCH_2 + 2_000, 0, 2))
    breaks(monkeypatch, household, "fold", 1, ValueError("month must be in 1..12"))

    outputs = flow.work(
        FLOW.household, topics.HOUSEHOLD_EVENTS, [("*", household_events(REGISTRY).encode(later))]
    )

    (letter,) = letters(outputs)
    assert (letter["reason"], letter["key"]) == ("processing-failed", b"*")
    forgotten = [each.key for each in outputs if each.topic == topics.HOUSEHOLD_RISK and each.value is None]
    assert len(forgotten) == len(KEYS) - 1
    follows = [each for each in outputs if each.topic == topics.HOUSEHOLD_EVENTS]
    assert len(follows) == 1, "the next slice follows"


def test_a_day_that_no_calendar_has_is_refused_once_and_told_to_nobody() -> None:
    flow = Flow()
    flow.work(FLOW.household, topics.HOUSEHOLD_EVENTS, events())
    beyond = household_events(REGISTRY).encode(as_event(Tick(2**31 - 1, 0, 0)))

    outputs = flow.work(FLOW.household, topics.HOUSEHOLD_EVENTS, [("*", beyond)])

    assert [(each["reason"]) for each in letters(outputs)] == ["impossible-date"]
    assert len(outputs) == 1


class Failing:
    """A sealer that cannot put a fact in words."""

    def seal(self, explained: Any) -> dict[str, Any]:
        raise ValueError("year 33658 is out of range")


def test_what_cannot_be_explained_is_in_force_and_its_record_says_so() -> None:
    flow = Flow(Failing())

    outputs = flow.work(FLOW.household, topics.HOUSEHOLD_EVENTS, events()[:1])

    assert [each.topic for each in outputs if each.topic == topics.HOUSEHOLD_RISK]
    assert [each["reason"] for each in letters(outputs)] == ["processing-failed"]
    assert flow.rows["household"].get(KEYS[0].encode()) is not None


def test_a_flood_of_failures_is_logged_once_for_each_place_in_the_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def failing(*args: Any) -> None:
        raise ValueError("of resident Jansen")

    monkeypatch.setattr(ranking, "rank", failing)

    with capture_logs() as logged:
        outputs = Flow().work(FLOW.ranking, topics.HOUSEHOLD_RISK, risks())

    assert len(letters(outputs)) == len(KEYS)
    (line,) = logged
    assert line["log_level"] == "error"
    assert "Jansen" not in str(line)


def test_an_entry_that_is_replayed_speaks_of_when_it_was_stored_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And what it leads to is stored now: the broker takes no record as old as a letter may be."""
    flow, codec = Flow(), household_events(REGISTRY)
    elsewhere = {"address": Address("1012CD", 3, "").to_record(), "minor_children": False}
    moved = Codec("Residence", topics.RESIDENTS, REGISTRY).encode(elsewhere)
    flow.work(FLOW.residency, topics.RESIDENTS, entries())
    monkeypatch.setattr(Read, "headers", lambda _: [(REPLAY_OF, b"rejected-0-1"), (STORED_AT, b"1234")])

    outputs = flow.work(FLOW.residency, topics.RESIDENTS, [(KEYS[0], moved)])

    assert {codec.decode(each.value).at for each in outputs} == {1234}
    assert all(each.timestamp_ms >= NOON for each in outputs)
