"""An outbox and an inbox against models of what they promise, under any sequence of what can happen."""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from eropaf_client.delivery import Delivery
from eropaf_client.errors import ClientError, InvalidSignal, LedgerMismatch
from eropaf_client.inbox import Inbox, Received
from eropaf_client.journal import Journal
from eropaf_client.outbox import Kept, Outbox, canonical
from tests.fakes import FakePost, FakeSource, FakeTopic, decoded

MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of our own within it
FEW = settings(max_examples=40, stateful_step_count=40, suppress_health_check=list(HealthCheck))


class Machine(RuleBasedStateMachine):
    """A file in a folder of its own, in memory where there is one."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(
            tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None, prefix="eropaf-machine-")
        )
        self.path = self.folder / "ledger.db"

    def teardown(self) -> None:
        shutil.rmtree(self.folder)


class OutboxMachine(Machine):
    """Reports, deliveries, faults before and after the commit, kills, older copies, expired positions."""

    def __init__(self) -> None:
        super().__init__()
        self.topic = FakeTopic()
        self.content: dict[tuple[int, int], int] = {}  # what was kept, by id and version
        self.order: list[bytes] = []  # as it was kept
        self.has_copy = False
        self.start()

    def start(self) -> None:
        self.outbox = Outbox(self.path)
        self.post = FakePost(self.topic)
        self.delivery = Delivery(self.outbox, self.post)
        self.delivery.begin()

    def teardown(self) -> None:
        self.outbox.close()
        super().teardown()

    @rule(number=st.integers(0, 5), version=st.integers(1, 3), amount=st.integers(1, 2))
    def report(self, number: int, version: int, amount: int) -> None:
        value = f"{number} {version} {amount}".encode()
        known = self.content.get((number, version))
        try:
            said = canonical({"amount": amount})
            new = self.outbox.put([Kept(str(number), version, f"c{number}", value, said)])
        except InvalidSignal:
            assert known not in (None, amount)
            return
        assert known in (None, amount)
        assert new == (known is None)
        if known is None:
            self.content[number, version] = amount
            self.order.append(value)

    @rule(fault=st.sampled_from(["", "before", "after"]))
    def deliver(self, fault: str) -> None:
        self.post.fails = [fault]
        with suppress(ClientError):
            self.delivery.deliver()

    @rule()
    def kill(self) -> None:
        self.outbox.db.shut()
        self.start()

    @rule()
    def fence(self) -> None:
        """Let a copy of this outbox take over for a moment."""
        FakePost(self.topic).take_over()

    @rule()
    def copy(self) -> None:
        self.outbox.close()
        shutil.copy(self.path, self.folder / "older.db")
        self.has_copy, self.copied = True, len(self.topic.records)
        self.start()

    @precondition(lambda self: self.has_copy)
    @rule()
    def put_an_older_copy_in_its_place(self) -> None:
        self.outbox.close()
        newest = self.folder / "newest.db"
        shutil.copy(self.path, newest)
        shutil.copy(self.folder / "older.db", self.path)
        try:
            self.start()
        except LedgerMismatch:
            assert len(self.topic.records) > self.copied
        self.outbox.close()
        shutil.copy(newest, self.path)
        self.start()

    @invariant()
    def nothing_is_stored_twice_or_out_of_order(self) -> None:
        stored = [value for _, value in self.topic.records]
        assert stored == self.order[: len(stored)]

    @invariant()
    def what_is_not_stored_waits(self) -> None:
        assert len(self.outbox) >= len(self.order) - len(self.topic.records)


class InboxMachine(Machine):
    """Updates, erasures, repeats, gaps; takes, completions, failures, parking; kills and new loops."""

    def __init__(self) -> None:
        super().__init__()
        self.source = FakeSource(2)
        self.sequences: dict[str, int] = defaultdict(int)
        self.told: dict[str, list[str]] = defaultdict(list)  # what each household must be given, in order
        self.dealt: dict[str, list[str]] = defaultdict(list)
        self.hand: list[Received] = []
        self.start()

    def start(self) -> None:
        self.journal = Journal(self.path)
        self.inbox = Inbox(self.source, decoded, self.journal, clock=lambda: self.now)
        self.hand = []

    now = 0.0

    def teardown(self) -> None:
        self.journal.close()
        super().teardown()

    @rule(household=st.sampled_from("abc"))
    def update(self, household: str) -> None:
        self.sequences[household] += 1
        what = f"{household} {self.sequences[household]}"
        self.source.write(household, what.encode(), ord(household) % 2)
        self.told[household].append(what)

    @rule(household=st.sampled_from("abc"), back=st.integers(0, 2))
    def repeat(self, household: str, back: int) -> None:
        sequence = self.sequences[household] - back
        if sequence > 0:
            self.source.write(household, f"{household} {sequence}".encode(), ord(household) % 2)

    @rule(household=st.sampled_from("abc"))
    def erase(self, household: str) -> None:
        self.sequences[household] = 0
        self.source.write(household, None, ord(household) % 2)
        self.told[household].append(household)

    @rule(partition=st.integers(0, 1))
    def gap(self, partition: int) -> None:
        self.source.gap(partition)

    @rule()
    def take(self) -> None:
        received = self.inbox.take(0)
        if received is not None:
            self.hand.append(received)

    @precondition(lambda self: self.hand)
    @rule(data=st.data(), fails=st.booleans())
    def complete(self, data: st.DataObject, fails: bool) -> None:
        received = data.draw(st.sampled_from(self.hand))
        try:
            with self.inbox.completing(received):
                if fails:
                    raise ConnectionError
        except ConnectionError:
            return
        self.hand.remove(received)
        self._note(received)

    @precondition(lambda self: self.hand)
    @rule(data=st.data())
    def retry_later(self, data: st.DataObject) -> None:
        received = data.draw(st.sampled_from(self.hand))
        self.inbox.retry_later(received, 1.0)
        self.hand.remove(received)

    @rule()
    def time_passes(self) -> None:
        self.now += 1.0

    @rule()
    def kill(self) -> None:
        self.journal.db.shut()
        self.start()

    @rule()
    def an_exception_in_our_own_code(self) -> None:
        """What is in hand is lost to who had it; it comes again."""
        self.inbox._sure = False
        self.hand = []

    def _note(self, received: Received) -> None:
        what = received.household + ("" if received.update is None else f" {received.update.sequence}")
        self.dealt[received.household].append(what)

    @invariant()
    def each_household_is_given_what_it_was_told_in_order_and_once(self) -> None:
        for household, dealt in self.dealt.items():
            assert dealt == self.told[household][: len(dealt)]

    @rule()
    def everything_comes_in_the_end(self) -> None:
        for received in self.hand:
            self.inbox.complete(received)
            self._note(received)
        self.hand = []
        self.now += 1.0
        while (taken := self.inbox.take(0)) is not None:
            self.inbox.complete(taken)
            self._note(taken)
        assert self.dealt == {name: told for name, told in self.told.items() if told or name in self.dealt}


def machine(kind: Callable[[], Machine]) -> type:
    case: type = kind.TestCase  # type: ignore[attr-defined]
    case.settings = FEW  # type: ignore[attr-defined]
    return case


TestOutbox = machine(OutboxMachine)
TestInbox = machine(InboxMachine)
