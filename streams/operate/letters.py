"""The dead letters as an operator sees them: one entry for each record that waits to be dealt with.

A record that was sent again and set aside again has several letters, each with the offset at which it
stood that time. A replay leaves a note of the offsets that it answered, and so does who closes a letter whose
sender has corrected it. So a record is *open* while it has a letter that no note names, in
whatever order they are read, and whichever are deleted by then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from eropaf.streams.operate import reading
from eropaf.streams.operate.topics import admin
from eropaf.streams.runtime.record import REPLAY_OF, first_place
from eropaf.streams.topic_partition import TP
from eropaf_client.schemas.aside import Asides
from eropaf_client.schemas.wire import Codec

# The reason of a note: not a letter, but the word that letters were answered by a replay.
REPLAYED = "replayed"
# That of the note of a person: the letters are dealt with otherwise, its detail says how.
CLOSED = "closed"
NOTES = (REPLAYED, CLOSED)
# On a note, once for each letter that it answers: the offset at which the record stood that time.
ANSWERED = "eropaf-letter-answered"
# On a note of before version 0.3: how many letters of the record there were.
COUNTED = "eropaf-letters-answered"
# Letters that lie further apart than this are not read through from one to the next.
NEAR = 1_000


@dataclass(frozen=True, slots=True)
class Letter:
    """A record that was set aside. Holds nothing of its content, only where that stands.

    `id` is topic-partition-offset of where the record stood first, `offset` where it stood when it
    was last set aside, `place` the partition and offset of this letter in `rejected`, `set_aside_at` the
    offset at which it stood each time that it was set aside, as far as letters of it are kept.
    """

    id: str
    reason: str
    detail: str
    stage: str
    topic: str
    offset: int
    timestamp_ms: int
    key: bytes | None
    size: int
    set_aside_at: tuple[int, ...]
    open: bool
    place: tuple[int, int]
    closed: str | None = None
    """Why a person closed it; None: nobody did, or it was set aside again since."""

    @property
    def times(self) -> int:
        """How often the record was set aside, as far as letters of it are kept."""
        return len(self.set_aside_at)


@dataclass(slots=True)
class _Case:
    newest: dict[str, Any] | None = None
    place: tuple[int, int] = (0, 0)
    size: int = 0
    letters: set[int] = field(default_factory=set)
    answered: set[int] = field(default_factory=set)
    counted: int = 0
    closed: dict[int, str] = field(default_factory=dict)


class Letters:
    """Reads the topic of `codec`, the records that were set aside on one cluster."""

    def __init__(self, bootstrap: str, client: Mapping[str, str], codec: Codec[dict[str, Any]]) -> None:
        self._bootstrap = bootstrap
        self._client = client
        self.asides = Asides()
        self._topic = codec.topic
        self._decode = codec.decode

    def index(self) -> list[Letter]:
        """Return one letter for each record that was ever set aside: the newest, oldest record first."""
        cases: dict[tuple[str, int], _Case] = {}
        for place, letter in self.read():
            # With the time stamp, because on a cluster that was moved to, offsets begin anew.
            case = cases.setdefault((identity(letter), letter["timestamp_ms"]), _Case())
            if letter["reason"] in NOTES:
                answered, counted = _answered(letter)
                case.answered |= answered
                if letter["reason"] == CLOSED:
                    case.closed |= dict.fromkeys(answered, letter["detail"])
                case.counted = max(case.counted, counted)
                continue
            case.letters.add(letter["offset"])
            if letter["offset"] == max(case.letters):
                case.size = len(letter["value"] or b"")
                case.newest, case.place = {**letter, "value": None}, place
        found = [_letter(id, case) for (id, _), case in cases.items() if case.newest is not None]
        return sorted(found, key=lambda letter: (letter.timestamp_ms, letter.id))

    def read(self, only: Iterable[tuple[int, int]] | None = None) -> Iterator[tuple[tuple[int, int], Any]]:
        """Yield letters and notes as their Avro values, each with its place; `only` those at these places.

        What is neither is passed over, and counted in `asides`: one letter that nobody can read must not
        keep an operator from the others.
        """
        wanted = None if only is None else frozenset(only)
        for starts, until in [self._all()] if wanted is None else _rounds(self._topic, wanted):
            for record in reading.read(self._bootstrap, self._client, starts, until):
                place = (int(record.partition() or 0), int(record.offset() or 0))
                if wanted is None or place in wanted:
                    letter = self.asides.usable(record, self._usable)
                    if letter is not None:
                        yield place, letter

    def _all(self) -> tuple[dict[TP, int], dict[TP, int]]:
        kafka = admin(self._bootstrap, self._client)
        starts = dict.fromkeys(reading.partitions(kafka, self._topic), 0)
        return starts, reading.ends(kafka, starts)

    def _usable(self, data: bytes | None) -> dict[str, Any]:
        letter = self._decode(data)
        identity(letter)
        if letter["reason"] in NOTES:
            _answered(letter)
        return letter


def _rounds(topic: str, places: Iterable[tuple[int, int]]) -> list[tuple[dict[TP, int], dict[TP, int]]]:
    """Return where to read from and to, round after round, so that little between `places` is read too."""
    runs: dict[TP, list[list[int]]] = {}
    for partition, offset in sorted(places):
        of_partition = runs.setdefault(TP(topic, partition), [])
        if of_partition and offset - of_partition[-1][1] <= NEAR:
            of_partition[-1][1] = offset + 1
        else:
            of_partition.append([offset, offset + 1])
    rounds = []
    for number in range(max(map(len, runs.values()), default=0)):
        now = {tp: of_partition[number] for tp, of_partition in runs.items() if number < len(of_partition)}
        rounds.append(({tp: run[0] for tp, run in now.items()}, {tp: run[1] for tp, run in now.items()}))
    return rounds


def identity(letter: Mapping[str, Any]) -> str:
    """Return where the record of `letter` stood first, topic-partition-offset."""
    headers = ((header["name"], header["value"]) for header in letter["headers"])
    return first_place(letter["topic"], letter["partition"], letter["offset"], headers)


def matching(
    *,
    reason: str | None = None,
    topic: str | None = None,
    since_ms: int | None = None,
    until_ms: int | None = None,
    id: str | None = None,
) -> Callable[[Letter], bool]:
    """Return the test for letters that fit everything that is given; times are of the record, UTC."""

    def fits(letter: Letter) -> bool:
        return (
            reason in (None, letter.reason)
            and topic in (None, letter.topic)
            and id in (None, letter.id)
            and (since_ms is None or letter.timestamp_ms >= since_ms)
            and (until_ms is None or letter.timestamp_ms < until_ms)
        )

    return fits


def _answered(note: Mapping[str, Any]) -> tuple[set[int], int]:
    """Return the offsets that `note` answers, and how many letters where it is one that only counts them."""
    ours = (ANSWERED, COUNTED)
    said = [(header["name"], int(header["value"])) for header in note["headers"] if header["name"] in ours]
    counted = max((value for name, value in said if name == COUNTED), default=0)
    return {value for name, value in said if name == ANSWERED}, counted


def _letter(id: str, case: _Case) -> Letter:
    newest = case.newest or {}
    return Letter(
        id=id,
        reason=newest["reason"],
        detail=newest["detail"],
        stage=newest["agent"],
        topic=newest["topic"],
        offset=newest["offset"],
        timestamp_ms=newest["timestamp_ms"],
        key=newest["key"],
        size=case.size,
        set_aside_at=tuple(sorted(case.letters)),
        open=not case.answered.issuperset(sorted(case.letters)[case.counted :]),
        place=case.place,
        closed=case.closed.get(max(case.letters)),
    )


def note(
    letter: Mapping[str, Any], reason: str, set_aside_at: Iterable[int], *, detail: str, agent: str
) -> dict[str, Any]:
    """Return the note that the letters of one record are answered; it holds nothing of the record.

    `letter`: one of them, whole. `set_aside_at`: the offset at which the record stood each time.
    """
    return {
        **letter,
        "reason": reason,
        "detail": detail,
        "agent": agent,
        "value": None,
        "headers": [
            {"name": REPLAY_OF, "value": identity(letter).encode()},
            *({"name": ANSWERED, "value": b"%d" % offset} for offset in set_aside_at),
        ],
    }
