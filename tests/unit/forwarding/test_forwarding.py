"""A signal on who is registered in another municipality goes on to it, once, and the flow is told."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eropaf.agents.topology import ROWS
from eropaf.lookup.forwarding import metrics, serve
from eropaf.lookup.forwarding.book import Book, State
from eropaf.lookup.forwarding.municipalities import Municipality
from eropaf.lookup.forwarding.other_gateway import OtherGateway
from eropaf.lookup.forwarding.serve import Forwarding, ForwardingConfig, waiting_reader
from eropaf.lookup.numbers import Numbers, Place
from eropaf.lookup.service import Credentials, Service
from eropaf.risk.identity import resident_key
from eropaf.risk.records import NOWHERE, HouseholdEvent, Signal
from eropaf.risk.residency import NOBODY
from eropaf.risk.rows import Waiting
from eropaf.streams.runtime.stage import changelog
from eropaf_client.cluster import Cluster
from eropaf_client.records import Resident, SignalKind
from eropaf_client.schemas.limits import LONGEST_TEXT
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import REGISTER_MISMATCHES, arrears
from eropaf_client.schemas.wire import Codec
from tests.builders import HOME, SECRET, an_arrears_signal
from tests.unit.forwarding.a_municipality import OtherMunicipality
from tests.unit.gateway.a_cluster import STORED_AT, FakeTopics

REGISTRY = LocalRegistry()
TABLE = changelog("eropaf", "resident")
CREDITORS = ("health", "rent")
ANNA, BERT = "999990019", "999990021"
THERE, ELSEWHERE = "0362", "0034"
DAY_S = 24 * 3600.0
ENCODE = {
    REGISTER_MISMATCHES: Codec[dict[str, Any]]("RegisterMismatch", REGISTER_MISMATCHES, REGISTRY),
    TABLE: Codec[dict[str, Any]](ROWS["resident"], TABLE, REGISTRY),
    **{arrears(one): Codec[dict[str, Any]]("ArrearsSignal", arrears(one), REGISTRY) for one in CREDITORS},
}


def key(number: str) -> str:
    return resident_key(number, SECRET)


class World:
    """Topics, two other municipalities, and what forwards to them."""

    def __init__(self, other: OtherMunicipality, folder: Path, opened: ExitStack) -> None:
        self.other, self.folder, self.opened = other, folder, opened
        self.topics = FakeTopics([REGISTER_MISMATCHES, TABLE])
        self.records: dict[Place, bytes] = {}
        self.waiting: dict[str, tuple[Waiting, ...]] = {}
        self.told: list[HouseholdEvent] = []
        self.stores, self.signals = True, 0
        self.now_s = 1_800_000_000.0
        self.start()

    def start(self) -> None:
        """Begin, or begin again as a new process does."""
        self.opened.close()
        self.book = self.opened.enter_context(closing(Book(self.folder / "book")))
        known = {THERE: self.other.origin, ELSEWHERE: "http://127.0.0.1:9"}
        config = ForwardingConfig(
            cluster=Cluster("nowhere:9092", {}, REGISTRY),
            group="eropaf",
            creditors=CREDITORS,
            secret=SECRET,
            to={code: Municipality.model_construct(code=code, gateway=each) for code, each in known.items()},
            ground="of these tests",
            fresh_s=DAY_S,
            state_dir=self.folder,
        )
        known_as = {THERE: self.other.known_as, ELSEWHERE: Credentials()}
        self.forwarding = Forwarding(
            config,
            waiting_reader(self.topics, TABLE, REGISTRY),
            self.book,
            records=Numbers(config.cluster, CREDITORS, SECRET, self.records.get),
            to={
                code: self.opened.enter_context(closing(OtherGateway(each, Service(known_as[code]))))
                for code, each in known.items()
            },
            tell=self.tell,
            now=lambda: self.now_s,
        )

    def tell(self, event: HouseholdEvent) -> bool:
        if self.stores:
            self.told.append(event)
        return self.stores

    def signalled(self, number: str, creditor: str = "health", **said: Any) -> str:
        """Let a signal wait; return its record's name."""
        offset = self.signals = self.signals + 1
        signal = replace(an_arrears_signal(**said), resident=Resident(bsn=number))
        value = {**signal.to_record(), "own_effort": None, "crisis": None}
        self.records[arrears(creditor), 1, offset] = ENCODE[arrears(creditor)].encode(value)
        name = f"{arrears(creditor)}-1-{offset}"
        waits = Waiting(name, int(self.now_s * 1000), Signal.from_record(value, creditor))
        self.waits(number, *self.waiting.get(number, ()), waits)
        self.now_s += 1.0
        return name

    def waits(self, number: str, *waiting: Waiting) -> None:
        """Keep what waits for somebody, as the flow does."""
        self.waiting[number] = waiting
        row = replace(NOBODY, waiting=waiting).to_record() if waiting else None
        self.write(TABLE, number, row)

    def registered(self, number: str, municipality: str | None, reason: str = "OTHER_MUNICIPALITY") -> None:
        """Let the register say where somebody is registered."""
        said: dict[str, Any] = {
            "resident": key(number), "reason": reason, "event_id": "arrears.health-1-0", "candidates": [],
            "municipality": municipality, "at": int(self.now_s * 1000),
        }  # fmt: skip
        self.write(REGISTER_MISMATCHES, number, said)

    def write(self, topic: str, number: str, value: dict[str, Any] | None) -> None:
        data = None if value is None else ENCODE[topic].encode(value)
        record = self.topics.write(topic, key(number), data)
        STORED_AT[topic, record.partition(), record.offset()] = int(self.now_s * 1000)

    def goes_on(self, steps: int = 4, each_s: float = 1.0) -> None:
        for _ in range(steps):
            self.forwarding.step()
            self.now_s += each_s


def waiting() -> float:
    """Return how many signals are said to wait."""
    (family,) = metrics.WAITING.collect()
    return float(family.samples[0].value)


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "FORWARDING_READS_FOR_S", 0.0)


@pytest.fixture
def world(other: OtherMunicipality, tmp_path: Path) -> Iterator[World]:
    with ExitStack() as opened:
        yield World(other, tmp_path, opened)


def test_what_waits_for_who_is_registered_there_goes_on_once_and_the_flow_is_told(world: World) -> None:
    first = world.signalled(ANNA, contract="c-1", signal_id="s-1")
    second = world.signalled(ANNA, "rent", contract="c-1", signal_id="s-1")
    world.registered(ANNA, THERE)

    world.goes_on(steps=6)

    assert list(world.other.stored) == [first, second], "in their order"
    said = world.other.stored[first]
    assert (said.signal_id, said.contract) == ("health/s-1", "health/c-1"), "there we are the creditor"
    assert said.resident.bsn == ANNA
    assert world.other.posts == 2
    assert [(each.household, each.event_id, each.address, each.forwarded) for each in world.told] == [
        (key(ANNA), first, NOWHERE, True),
        (key(ANNA), second, NOWHERE, True),
    ]
    assert world.other.tokens_drawn == 1


@pytest.mark.parametrize(
    ("municipality", "reason"), [("0599", "OTHER_MUNICIPALITY"), (None, "NOT_FOUND"), (THERE, "ABROAD")]
)
def test_who_is_registered_nowhere_that_is_in_the_file_waits_for_a_clerk(
    world: World, municipality: str | None, reason: str
) -> None:
    world.signalled(ANNA)
    world.registered(ANNA, municipality, reason)

    world.goes_on()

    assert (world.other.posts, world.told, world.book.rows()) == (0, [], [])


def test_what_waits_no_more_goes_nowhere(world: World) -> None:
    world.signalled(ANNA)
    world.registered(ANNA, THERE)
    world.waits(ANNA)  # erased, objected to, answered, or the register's entry came
    world.signalled(BERT)
    world.registered(BERT, THERE)
    world.write(REGISTER_MISMATCHES, BERT, None)  # a clerk decided

    world.goes_on()

    assert world.other.posts == 0


def test_what_was_signalled_long_after_the_registers_word_waits_for_the_next_one(world: World) -> None:
    world.registered(ANNA, THERE)
    world.now_s += DAY_S + 1
    name = world.signalled(ANNA)
    world.goes_on()
    assert world.other.posts == 0

    world.registered(ANNA, THERE)
    world.goes_on()

    assert list(world.other.stored) == [name]


def test_who_has_an_address_here_is_for_a_person_to_decide(world: World) -> None:
    world.signalled(ANNA)
    world.write(TABLE, ANNA, replace(NOBODY, address=HOME).to_record())
    world.registered(ANNA, THERE)

    world.goes_on()

    assert world.other.posts == 0


def test_while_a_municipality_is_away_its_signals_wait_and_others_go_on(world: World) -> None:
    world.signalled(BERT)
    world.registered(BERT, ELSEWHERE)
    name = world.signalled(ANNA)
    world.registered(ANNA, THERE)

    world.goes_on()

    assert list(world.other.stored) == [name]
    assert waiting() == 1.0


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_a_municipality_that_takes_nothing_is_left_alone_as_long_as_it_asks(
    world: World, status: int
) -> None:
    name = world.signalled(ANNA)
    world.registered(ANNA, THERE)
    world.other.status, world.other.with_headers = status, {"Retry-After": "120"}
    world.goes_on(steps=100)
    assert world.other.posts == 1
    assert world.told == []

    world.other.status = 202
    world.goes_on(steps=40)

    assert list(world.other.stored) == [name]


@pytest.mark.parametrize("status", [400, 409, 422])
def test_a_signal_that_is_refused_is_for_a_clerk_and_keeps_none_waiting(world: World, status: int) -> None:
    world.other.status = status
    refused = world.signalled(ANNA)
    world.registered(ANNA, THERE)
    world.goes_on()
    world.other.status = 202
    taken = world.signalled(BERT)
    world.registered(BERT, THERE)

    world.goes_on()

    assert world.book.states() == {refused: State.REFUSED, taken: State.TAKEN}
    assert [each.event_id for each in world.told] == [taken]
    assert world.book.try_again() == 1
    world.goes_on()
    assert set(world.other.stored) == {refused, taken}


def test_a_signal_whose_record_is_gone_or_is_anothers_is_for_a_clerk(world: World) -> None:
    gone, anothers = world.signalled(ANNA), world.signalled(BERT)
    # As after a move by savepoint.
    world.records[arrears("health"), 1, 2] = world.records.pop((arrears("health"), 1, 1))
    for each in (ANNA, BERT):
        world.registered(each, THERE)

    world.goes_on()

    assert world.book.states() == {gone: State.REFUSED, anothers: State.REFUSED}
    assert world.other.posts == 0


def test_names_that_grow_too_long_are_for_a_clerk(world: World) -> None:
    name = world.signalled(ANNA, contract="c" * LONGEST_TEXT)
    world.registered(ANNA, THERE)

    world.goes_on()

    assert world.book.states() == {name: State.REFUSED}


def test_good_news_goes_where_a_signal_of_its_contract_went_and_nowhere_else(world: World) -> None:
    world.signalled(ANNA, contract="c-1", signal_id="s-1")
    world.registered(ANNA, THERE)
    world.goes_on()
    world.waits(ANNA)
    paid = world.signalled(ANNA, contract="c-1", signal_id="s-2", kind=SignalKind.PAID, amount_cents=0)
    of_another = world.signalled(ANNA, contract="c-2", signal_id="s-3", kind=SignalKind.PAID, amount_cents=0)

    world.goes_on()

    assert paid in world.other.stored
    assert of_another not in world.other.stored
    assert world.told[-1].event_id == paid


def test_a_process_that_ends_after_its_post_posts_no_second_time_and_says_it(world: World) -> None:
    name = world.signalled(ANNA)
    world.registered(ANNA, THERE)
    world.stores = False
    world.goes_on()
    assert world.other.posts == 1
    assert world.told == []

    world.stores = True
    world.start()
    world.goes_on()

    assert world.other.posts == 1
    assert [each.event_id for each in world.told] == [name]


def test_what_was_forwarded_is_forgotten_after_half_a_year(world: World) -> None:
    world.signalled(ANNA)
    world.registered(ANNA, THERE)
    world.goes_on()
    assert len(world.book.rows()) == 1
    world.waits(ANNA)

    world.now_s += serve.GOOD_NEWS_FOLLOWS_S
    world.goes_on()

    assert world.book.rows() == []


def test_neither_number_nor_resident_nor_contract_is_logged_or_kept(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        world.signalled(ANNA, contract="c-that-is-known")
        world.registered(ANNA, THERE)
        world.goes_on()

    said = caplog.text + repr(world.book.rows())
    for each in (ANNA, key(ANNA), "c-that-is-known"):
        assert each not in said
