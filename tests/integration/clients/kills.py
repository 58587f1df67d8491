"""Kills a creditor's and a tool's process at named lines, again and again, and counts what came of it.

    python -m tests.integration.clients.kills [KILLS] [SEED]        (`make client-kills`)

Each life runs one program in a process of its own, and is killed (SIGKILL) by itself at one line of ours, at
whatever time it gets there: between keeping, producing, committing and marking. The next life
goes on. In the end one life is let live, and an oracle compares what the topic, or the tool's table, holds.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.streams.operate.topics import Topic, admin, ensure
from eropaf_client import inbox, ledger, sending
from eropaf_client.delivery import Delivery
from eropaf_client.handling import Handling
from eropaf_client.kafka_post import KafkaPost
from eropaf_client.outbox import Outbox
from eropaf_client.outbox_publisher import OutboxPublisher
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.reading import read_all
from eropaf_client.records import PriorityUpdate
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import PRIORITIES, arrears
from eropaf_client.schemas.wire import Codec
from eropaf_client.subscriber import PrioritySubscriber
from tests.builders import an_arrears_signal
from tests.integration.clients.telling import Ranking, an_update
from tests.points import Point, happens, reached

PARTITIONS = 3
CONTRACTS = 7
HOUSEHOLDS = 5
# Signals, or updates, that are new in a life.
NEW = 10


@dataclass
class Counted:
    """What became of one kind of client."""

    kind: str
    kills: int = 0
    in_flight: int = 0
    with_some_in_flight: int = 0
    wrong: Counter[str] = field(default_factory=Counter)

    def flew(self, count: int) -> None:
        """Count what was under way when a life ended."""
        self.kills += 1
        self.in_flight += count
        self.with_some_in_flight += count > 0


class Outboxes:
    """A creditor with an outbox; it keeps no record of how far it came."""

    kind = "outbox"
    hot = ("Delivery.", "KafkaPost.")
    code = (
        Outbox.put,
        Outbox.note,
        Outbox.marked,
        Outbox.learn,
        ledger.Ledger.transaction,
        Delivery,
        KafkaPost.store,
    )

    def __init__(self, bootstrap: str, folder: Path) -> None:
        self._bootstrap, self._file = bootstrap, folder / "outbox.db"
        self._copy = folder / "copy.db"

    def live(self, life: int, last: bool) -> None:
        with OutboxPublisher(self._bootstrap, "water", self._file) as publisher:
            for number in range(0, (life + 1) * NEW, 5):
                publisher.report_all(map(_signal, range(number, number + 5)))

    def before(self, life: int) -> None:
        """Nothing is to be done before a life."""

    def in_flight(self) -> int:
        for end in ("", "-wal"):
            with suppress(FileNotFoundError):
                shutil.copy(f"{self._file}{end}", f"{self._copy}{end}")
        with closing(sqlite3.connect(self._copy)) as db, suppress(sqlite3.OperationalError):
            return int(db.execute("SELECT count(*) FROM signal WHERE value IS NOT NULL").fetchone()[0])
        return 0

    def judge(self, lives: int) -> Counter[str]:
        stored = _stored(self._bootstrap, "water")
        times = Counter(number for number, _ in stored)
        return Counter(
            lost=len(set(range(lives * NEW)) - set(times)),
            doubled=sum(count - 1 for count in times.values()),
            out_of_order=_out_of_order((contract, number) for number, contract in stored),
        )


class Publishers:
    """A creditor that publishes straight, and notes what was acknowledged to it."""

    kind = "publisher"
    hot = ("ArrearsPublisher.", "Sender.", "InFlight.")
    code = (ArrearsPublisher, sending.Sender.send, sending.Sender.settle, sending.InFlight.answer)

    def __init__(self, bootstrap: str, folder: Path) -> None:
        self._bootstrap, self._noted, self._begun = bootstrap, folder / "acknowledged", folder / "begun"

    def live(self, life: int, last: bool) -> None:
        # What was not acknowledged is published again, as the error says.
        unsure = [number for number in range(life * NEW) if number not in self._acknowledged()]
        numbers = [*unsure[-50:], *range(life * NEW, (life + 1) * NEW)] if not last else unsure
        with ArrearsPublisher(self._bootstrap, "rent") as publisher, self._noted.open("a") as noted:
            self._begun.write_text(str(len(numbers)))

            def note(sent: Any, at: Any) -> None:
                noted.write(f"{sent.version}\n")
                noted.flush()

            publisher.report_all(map(_signal, numbers), note)

    def before(self, life: int) -> None:
        """Nothing is to be done before a life."""

    def _acknowledged(self) -> set[int]:
        return set(map(int, self._noted.read_text().split())) if self._noted.exists() else set()

    def in_flight(self) -> int:
        return int(self._begun.read_text()) if self._begun.exists() else 0

    def judge(self, lives: int) -> Counter[str]:
        stored = {number for number, _ in _stored(self._bootstrap, "rent")}
        return Counter(
            acknowledged_and_lost=len(self._acknowledged() - stored),
            lost=len(set(range(lives * NEW)) - stored),
        )


class Subscribers:
    """A tool that counts each record in the journal's database."""

    kind = "subscriber"
    hot = ("Inbox.", "_Partition.", "Ledger.", "Handling.")
    code = (inbox.Inbox, inbox._Partition, ledger.Ledger.transaction, Handling)

    def __init__(self, bootstrap: str, folder: Path) -> None:
        self._bootstrap, self._file = bootstrap, folder / "journal.db"
        self._told: list[str] = []
        self._sequences: Counter[str] = Counter()

    def before(self, life: int) -> None:
        """Tell updates, and now and then an erasure, while nobody listens."""
        new: list[tuple[str, int]] = []
        for number in range(life * NEW, (life + 1) * NEW):
            household = f"h-{number % HOUSEHOLDS}"
            self._sequences[household] = 0 if number % 37 == 36 else self._sequences[household] + 1
            new.append((household, self._sequences[household]))
        self._told += [f"{household} {sequence or 'erased'}" for household, sequence in new]
        _live_on(lambda: _tell(self._bootstrap, new))

    def live(self, life: int, last: bool) -> None:
        with PrioritySubscriber(self._bootstrap, journal=self._file) as subscriber:
            journal = subscriber.journal
            assert journal is not None
            journal.db.execute("CREATE TABLE IF NOT EXISTS seen (what TEXT)")

            def see(what: str) -> None:
                journal.db.execute("INSERT INTO seen VALUES (?)", (what,))

            def handle(update: PriorityUpdate) -> None:
                see(f"{update.household} {update.sequence}")

            def forget(household: str) -> None:
                see(f"{household} erased")

            subscriber.handle(handle, forget=forget, stopped=lambda: subscriber.caught_up)

    def in_flight(self) -> int:
        return len(self._told) - len(self._seen())

    def _seen(self) -> list[str]:
        if not self._file.exists():
            return []
        with closing(sqlite3.connect(self._file)) as db, suppress(sqlite3.OperationalError):
            return [row[0] for row in db.execute("SELECT what FROM seen ORDER BY rowid")]
        return []

    def judge(self, lives: int) -> Counter[str]:
        seen = self._seen()
        told, had = Counter(self._told), Counter(seen)
        return Counter(
            lost=(told - had).total(),
            doubled=(had - told).total(),
            out_of_order=sum(
                [each for each in seen if each.startswith(f"h-{number} ")]
                != [each for each in self._told if each.startswith(f"h-{number} ")]
                for number in range(HOUSEHOLDS)
            ),
        )


KINDS: tuple[Callable[[str, Path], Any], ...] = (Publishers, Outboxes, Subscribers)


def run(kind: Callable[[str, Path], Any], bootstrap: str, folder: Path, kills: int, seed: int) -> Counted:
    """Let one kind of client live and die `kills` times, and once live on; return what was counted."""
    dice = random.Random(seed)
    client = kind(bootstrap, folder)
    topics = [Topic(name, PARTITIONS) for name in (arrears("rent"), arrears("water"), PRIORITIES)]
    _live_on(lambda: ensure(admin(bootstrap, {}), topics))
    counted = Counted(client.kind)
    client.before(0)
    points = _points(client, folder)
    life = 1
    while counted.kills < kills:
        client.before(life)
        # Every other kill falls where something is under way: keeping it takes most of the lines.
        point = dice.choice(points if counted.kills % 2 else [each for each in points if hot(client, each)])
        if _die(lambda life=life: client.live(life, False), point, client.code):  # type: ignore[misc]
            counted.flew(client.in_flight())
        life += 1
    _live_on(lambda: client.live(life, True))
    told = folder / "judged"
    _live_on(lambda: told.write_text(json.dumps(client.judge(life))))
    counted.wrong = Counter(json.loads(told.read_text()))
    return counted


def hot(client: Any, point: Point) -> bool:
    """Return whether a point lies in what a client does with records that are under way."""
    return point.function.startswith(client.hot)


def _points(client: Any, folder: Path) -> list[Point]:
    """Return the points that one life passes, as that life itself says."""
    told = folder / f"points-{client.kind}"

    def life() -> None:
        passed = reached(client.code, lambda: client.live(0, False))
        told.write_text("\n".join(f"{each.function} {each.line} {each.time}" for each in passed))

    _live_on(life)
    lines = (line.split() for line in told.read_text().splitlines())
    return [Point(function, int(number), int(time)) for function, number, time in lines]


def _die(life: Callable[[], object], point: Point, code: Sequence[Any]) -> bool:
    """Run a life in a process of its own that is killed at `point`; say whether it got there."""

    def until_killed() -> None:
        with happens(point, code, lambda: os.kill(os.getpid(), signal.SIGKILL)):
            life()

    return _ended(until_killed) == -signal.SIGKILL


def _live_on(life: Callable[[], object]) -> None:
    if (status := _ended(life)) != 0:
        raise AssertionError(f"a life that was let live ended with {status}")


def _ended(life: Callable[[], object]) -> int:
    """Run `life` in a process of its own; return its exit status, or minus the signal that killed it."""
    # All is imported, and this process never has a Kafka client, so no thread whose locks would be copied.
    child = os.fork()
    if child == 0:
        try:
            life()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _tell(bootstrap: str, new: Sequence[tuple[str, int]]) -> None:
    ranking = Ranking(bootstrap)
    for household, sequence in new:
        if sequence:
            ranking.tell(an_update(household=household, sequence=sequence))
        else:
            ranking.forget(household)


def _signal(number: int) -> Any:
    return an_arrears_signal(signal_id=f"S-{number}", contract=f"C-{number % CONTRACTS}", version=number)


def _stored(bootstrap: str, creditor: str) -> list[tuple[int, str]]:
    codec = Codec("ArrearsSignal", arrears(creditor), LocalRegistry())
    values = [codec.decode(each.value()) for each in read_all(bootstrap, arrears(creditor))]
    return [(int(each["version"]), each["contract"]) for each in values]


def _out_of_order(numbers: Iterator[tuple[str, int]]) -> int:
    newest: dict[str, int] = {}
    wrong = 0
    for key, number in numbers:
        wrong += number < newest.get(key, -1)
        newest[key] = max(number, newest.get(key, -1))
    return wrong


def table(found: Sequence[Counted]) -> str:
    """Return what was counted, as a table in Markdown."""
    lines = ["| client | kills | in flight at them | with some in flight | wrong |", "|---|---|---|---|---|"]
    for each in found:
        wrong = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in each.wrong.items())
        cells = (each.kind, each.kills, each.in_flight, each.with_some_in_flight, wrong)
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def main(kills: str = "500", seed: str = "1", bootstrap: str = "") -> int:
    """Kill each kind of client, print the table; return 1 where anything is wrong in it."""
    found = []
    for kind in KINDS:
        with (
            nullcontext() if bootstrap else EmbeddedKafka() as kafka,
            tempfile.TemporaryDirectory() as folder,
        ):
            at = kafka.bootstrap if kafka else bootstrap
            found.append(run(kind, at, Path(folder), int(kills), int(seed)))
        sys.stdout.write(f"{table(found)}\n\n")
        sys.stdout.flush()
    return int(any(each.wrong.total() for each in found))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
