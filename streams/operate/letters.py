"""Dead letters as an operator sees them: one entry per record that waits to be dealt with.

A record that was replayed and set aside again has several letters, each with the record's offset at the time.
A replay writes a note with the offsets it answered; so does closing a letter whose sender has corrected it. A
record is *open* while it has a letter that no note names, whatever the order of reading and whichever of them
have been deleted.
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

# The reason of a note: it is not a letter, but says that letters were answered by a replay.
REPLAYED = "replayed"
# The reason of a person's note: the letters were dealt with in another way, which its detail describes.
CLOSED = "closed"
NOTES = (REPLAYED, CLOSED)
# On a note, once for each letter it answers: the record's offset at that time.
ANSWERED = "eropaf-letter-answered"
# On a note written before version 0.3: the number of the record's letters.
COUNTED = "eropaf-letters-answered"
# Letters further apart than this are read separately, without the records between.
NEAR = 1_000


@dataclass(frozen=True, slots=True)
class Letter:
    """A record that was set aside: its position, without its content.

    `id` is the record's original topic-partition-offset, `offset` its offset when it was last set aside,
    `place` the partition and offset of this letter in `rejected`, `set_aside_at` its offset each time it was
    set aside, as far as those letters are still kept.
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
        """How often the record was set aside, as far as those letters are still kept."""
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
    """Reads the dead letters of one cluster: the topic of `codec`."""

    def __init__(self, bootstrap: str, client: Mapping[str, str], codec: Codec[dict[str, Any]]) -> None:
        self._bootstrap = bootstrap
        self._client = client
        self.asides = Asides()
        self._topic = codec.topic
        self._decode = codec.decode

    def index(self) -> list[Letter]:
        """Return the newest letter of each record that was ever set aside, oldest record first."""
        cases: dict[tuple[str, int], _Case] = {}
        for place, letter in self.read():
            # With the timestamp, because offsets start again on the cluster that a savepoint moved to.
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
        """Yield letters and notes as Avro values, each with its place; `only`: those at these places.

        Anything else is skipped and counted in `asides`: one unreadable letter must not hide the others.
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
    """Return the ranges to read, round by round, so that little between `places` is read as well."""
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
    """Return the original topic-partition-offset of the record in `letter`."""
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
    """Return a predicate for letters that match every filter given; times are the record's, UTC."""

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
    """Return the offsets that `note` answers; for an old note that only counts letters, their number."""
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
    """Return the note that answers the letters of one record; it holds none of the record's content.

    `letter`: one of them, complete. `set_aside_at`: the record's offset each time.
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
