"""Which rows a worker keeps ready, and what is left to be read when partitions come to it."""

from __future__ import annotations

from typing import Any

import pytest

from eropaf.streams.config import StreamsConfig
from eropaf.streams.runtime.ownership import Ownership
from eropaf.streams.runtime.stage import Stage, TableSpec
from eropaf.streams.runtime.standby import KEPT_FOR_S, Peer, Standby, given, inherited
from eropaf.streams.state.restore import Restorer, Wanted
from eropaf.streams.state.rows import InMemory
from eropaf.streams.state.table import TablePartition
from eropaf.streams.topic_partition import TP
from tests.model.broker import Broker
from tests.model.clients import Transport
from tests.model.groups import Member, by_range
from tests.model.log import Data
from tests.model.network import Network, Weather
from tests.model.world import Host, World
from tests.stepped import ByHand

ROWS = TableSpec("sums", encode=bytes, decode=bytes)
FIRST = Stage("first", ("numbers",), ROWS)
SECOND = Stage("second", ("counts",), TableSpec("tops", encode=bytes, decode=bytes), behind=FIRST)
THIRD = Stage("third", ("tales",))
PARTITIONS = 8
SUMS, TOPS = "group-sums-changelog", "group-tops-changelog"


def peers(*workers: str, static: bool = False) -> list[Peer]:
    return [Peer(not static, f"id-{worker}", worker) for worker in workers]


def test_what_is_kept_ready_is_what_the_range_assignor_would_give() -> None:
    for members in range(1, 6):
        names = [f"id-{number}" for number in range(members)]
        there = [Member(name, name, ("numbers",), 1.0) for name in names]
        assigned = by_range(there, {"numbers": PARTITIONS})
        for place, name in enumerate(names):
            assert {tp.partition for tp in assigned[name]} == set(given(place, members, PARTITIONS))


@pytest.mark.parametrize(
    ("workers", "inherits"),
    [
        (("a-1",), {"a-1": set()}),
        (("a-1", "a-2"), {"a-1": set(), "a-2": set()}),
        (("a-1", "b-1"), {"a-1": set(range(8)), "b-1": set(range(8))}),
        (
            ("a-1", "a-2", "b-1", "b-2"),
            {"a-1": {0, 1, 2, 3}, "a-2": {4, 5, 6, 7}, "b-1": {0, 1, 2, 3}, "b-2": {4, 5, 6, 7}},
        ),
        (
            ("a-1", "b-1", "c-1"),
            {"a-1": {0, 1, 2, 3}, "b-1": set(range(8)), "c-1": {4, 5, 6, 7}},
        ),
    ],
)
def test_a_worker_inherits_what_it_would_have_without_any_other_host(
    workers: tuple[str, ...], inherits: dict[str, set[int]]
) -> None:
    assert {name: inherited(peers(*workers), name, PARTITIONS, 1) for name in workers} == inherits


def test_where_two_hosts_may_be_lost_who_is_left_holds_all() -> None:
    assert inherited(peers("a-1", "b-1", "c-1"), "a-1", PARTITIONS, 2) == set(range(8))
    assert inherited(peers("a-1", "b-1"), "a-1", PARTITIONS, 2) == set(range(8)), "there is one other"


def test_members_of_static_membership_come_first_in_the_order_of_their_names() -> None:
    mixed = [*peers("a-1"), *peers("z-1", static=True), *peers("y-1", static=True)]

    assert [peer.worker for peer in sorted(mixed)] == ["y-1", "z-1", "a-1"]


class Following:
    """A restorer that says what it was asked for."""

    def __init__(self) -> None:
        self.partitions = {"numbers": PARTITIONS, "counts": PARTITIONS, "tales": PARTITIONS}
        self.followed: frozenset[TP] = frozenset()
        self.asked: list[Any] = []

    def follow(self, specs: dict[TP, TableSpec]) -> None:
        self.followed = frozenset(specs)
        self.asked.append(self.followed)

    def keep_up(self) -> None:
        self.asked.append("more")


def test_changelogs_of_a_whole_chain_are_followed_but_for_what_is_owned() -> None:
    stages, restorer, lanes = (FIRST, SECOND, THIRD), Following(), ByHand()
    ownership = Ownership(stages)
    config = StreamsConfig("nowhere", "group", "a-1")
    standby = Standby(config, stages, ownership, restorer, lanes)  # type: ignore[arg-type]
    ownership.assign([TP("numbers", 0), TP("counts", 0)])

    for now, there in enumerate([("a-1", "a-2", "b-1", "b-2")] * 2 + [("a-1", "a-2")] * 2):
        standby.look(10.0 * now, peers(*there))
        if now < 3:
            lanes.do("restore")

    ready = frozenset(TP(name, number) for name in (SUMS, TOPS) for number in (1, 2, 3))
    assert restorer.asked == [ready, "more", frozenset()]
    assert not lanes.waits("restore"), "nothing is read where nothing is followed"


def rows_of(table: TablePartition[Any]) -> dict[bytes, bytes]:
    return {key: table.get(key) or b"" for key in table.between(b"", b"\xff")}


class Log:
    """A changelog on a broker of the model, and a restorer that reads it."""

    def __init__(self) -> None:
        self.world = World(1)
        self.broker = Broker(self.world)
        self.broker.create(SUMS, PARTITIONS, compacted=True)
        network = Network(self.world, self.broker, Weather())
        self.restorer = Restorer(
            StreamsConfig("model", "group", "a-1", transport=Transport(network, Host("a-1")))
        )

    def write(self, partition: int, **rows: bytes | None) -> None:
        self.broker.store(
            TP(SUMS, partition), [Data(key.encode(), row, 0, None) for key, row in rows.items()]
        )

    def read_on(self) -> None:
        for _ in range(3):
            self.restorer.keep_up()

    def restored(self, partition: int) -> tuple[dict[bytes, bytes], int]:
        """Return the rows as they are restored, and how many records were read for it."""
        before, found = self.restorer.restored, []
        wanted = Wanted(SUMS, partition, (), lambda: True, ROWS)

        def take(one: Wanted, table: TablePartition[Any]) -> None:
            found.append(rows_of(table))

        self.restorer.restore([wanted], take)
        (rows,) = found
        return rows, self.restorer.restored - before


@pytest.fixture
def log() -> Log:
    return Log()


def test_of_what_was_followed_only_the_rest_is_read(log: Log) -> None:
    log.write(0, **{f"k{number}": b"1" for number in range(50)})
    log.restorer.follow({TP(SUMS, 0): ROWS, TP(SUMS, 1): ROWS})
    log.read_on()
    log.write(0, k0=b"2", k1=None)
    log.write(1, other=b"1")

    rows, read = log.restored(0)

    assert rows == {b"k0": b"2"} | {f"k{number}".encode(): b"1" for number in range(2, 50)}
    assert read < 10
    log.read_on()
    assert log.restored(1)[0] == {b"other": b"1"}, "the other one was read on"


def test_what_is_no_longer_followed_is_read_from_its_beginning(log: Log) -> None:
    log.write(0, a=b"1", b=b"1")
    log.restorer.follow({TP(SUMS, 0): ROWS})
    log.read_on()
    log.restorer.follow({})
    log.write(0, a=b"2")

    rows, read = log.restored(0)

    assert rows == {b"a": b"2", b"b": b"1"}
    assert read >= 3


def test_rows_followed_past_the_end_of_the_log_are_not_believed(log: Log) -> None:
    log.write(0, a=b"1", b=b"1", c=b"1")
    log.restorer.follow({TP(SUMS, 0): ROWS})
    log.read_on()
    log.restorer._kept[TP(SUMS, 0)].reached = 9  # as after a broker came back from an older copy

    assert log.restored(0)[0] == {b"a": b"1", b"b": b"1", b"c": b"1"}


def test_a_changelog_that_was_cut_is_not_followed(log: Log) -> None:
    log.write(0, a=b"1", b=b"1")
    log.broker.logs[TP(SUMS, 0)].cut(1)

    log.restorer.follow({TP(SUMS, 0): ROWS})
    log.read_on()

    assert log.restorer._kept == {}


def test_rows_of_a_transaction_are_followed_once_it_is_committed(log: Log) -> None:
    transport: Any = log.restorer._transport
    writing = transport.producer({"transactional.id": "group-b-1-first"})
    writing.init_transactions()
    log.restorer.follow({TP(SUMS, 0): ROWS})
    for value, ends in ((b"1", writing.commit_transaction), (b"2", writing.abort_transaction)):
        writing.begin_transaction()
        writing.produce(SUMS, key=b"a", value=value, partition=0)
        writing.flush()
        log.read_on()
        ends()
        log.world.let_pass(0.1)
        log.read_on()

    assert rows_of(log.restorer._kept[TP(SUMS, 0)].table) == {b"a": b"1"}
    assert log.restored(0)[0] == {b"a": b"1"}


class Owner:
    """A worker that owned a partition, and the log that it wrote."""

    def __init__(self, log: Log) -> None:
        self.log, self.lanes = log, ByHand()
        self.ownership = Ownership([FIRST])
        self.standby = Standby(
            StreamsConfig("model", "group", "a-1"), [FIRST], self.ownership, log.restorer, self.lanes
        )
        ((self.shard, term),) = self.ownership.assign([TP("numbers", 0)])
        self.ownership.open(self.shard, term)
        self.table = TablePartition[bytes](ROWS, InMemory())

    def save(self, **rows: bytes | None) -> None:
        """Change rows and write them, as a checkpoint does."""
        for key, row in rows.items():
            if row is None:
                self.table.delete(key.encode())
            else:
                self.table.put(key.encode(), row)
        self.log.write(0, **{key.decode(): row for key, row in self.table.rest()})

    def note(self, now: float) -> None:
        """Let it note how far the log goes, and learn of the answer."""
        self.standby.look(now, ())
        self.lanes.do("ends")
        self.standby.look(now, ())

    def give_up(self, now: float) -> None:
        self.ownership.revoke([TP("numbers", 0)])
        self.standby.keep(now, {self.shard: {"sums": self.table}})
        while self.lanes.waits("restore"):
            self.lanes.do("restore")


def test_what_was_given_up_comes_back_by_what_was_written_since_it_was_noted(log: Log) -> None:
    owner = Owner(log)
    owner.save(**{f"k{number}": b"1" for number in range(50)})
    owner.note(0.0)
    owner.save(k1=b"2", k2=None)

    owner.give_up(1.0)
    log.write(0, k3=b"of the next owner")

    rows, read = log.restored(0)
    assert rows[b"k1"] == b"2"
    assert b"k2" not in rows
    assert rows[b"k3"] == b"of the next owner"
    assert len(rows) == 49
    assert read < 10


def test_where_nothing_was_noted_what_comes_back_is_read_from_its_beginning(log: Log) -> None:
    owner = Owner(log)
    owner.save(a=b"1", b=b"1")
    owner.standby.look(0.0, ())  # and the answer has not come
    owner.give_up(1.0)
    log.write(0, a=b"of the next owner")
    owner.lanes.do("ends")
    owner.standby.look(2.0, ())

    assert owner.standby._written_to == {}, "an end that others have moved says nothing of these rows"
    rows, read = log.restored(0)
    assert rows == {b"a": b"of the next owner", b"b": b"1"}
    assert read >= 3


def test_what_was_given_up_is_dropped_after_a_while(log: Log) -> None:
    owner = Owner(log)
    owner.save(a=b"1")
    owner.note(0.0)
    owner.give_up(1.0)

    for now in (1.0 + KEPT_FOR_S / 2, 1.0 + KEPT_FOR_S):
        assert log.restorer.followed == {TP(SUMS, 0)}
        owner.standby.look(now, ())
        owner.lanes.do("restore")

    assert log.restorer.followed == frozenset()
    assert log.restorer._kept == {}
