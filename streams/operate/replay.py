"""Sends records that were set aside back to where they came from, as they were."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from confluent_kafka import KafkaError, KafkaException

from eropaf.streams.errors import ReplayFailed, TopicMissing
from eropaf.streams.operate import reading
from eropaf.streams.operate.answers import ANSWER_WITHIN_S
from eropaf.streams.operate.letters import REPLAYED, Letter, Letters, identity, note
from eropaf.streams.operate.savepoint_import import BY_KEY
from eropaf.streams.operate.savepoint_scope import Scope
from eropaf.streams.operate.topics import admin, compacted
from eropaf.streams.operate.transaction import aborted_on_error
from eropaf.streams.runtime.record import REPLAY_OF, STORED_AT, Record, stored_at
from eropaf.streams.runtime.transactional import TransactionalClient
from eropaf.streams.runtime.transport import Librdkafka
from eropaf_client.schemas.wire import Codec

# Records that are sent in one transaction; a replay that is cut off goes on after the last whole one.
PORTION = 200
PORTION_BYTES = 16 * 1024 * 1024
REPLAYED_WITHIN_S = 60.0
SENT_AGAIN = "sent again to where it came from"


@dataclass(slots=True)
class Replayed:
    """What became of the letters: each is counted once."""

    sent: int = 0
    overtaken: list[Letter] = field(default_factory=list)
    """Not sent: the topic is compacted and already holds a newer record for this key."""
    too_large: list[Letter] = field(default_factory=list)
    """Not sent: with its new header the record is larger than its topic takes. Stays open."""
    gone: list[Letter] = field(default_factory=list)
    """Not sent: `rejected` holds the letter no more, deleted by its retention since it was looked for."""


class Replayer:
    """Replays letters of one group's flow. Two at a time end each other: the later one goes on."""

    def __init__(
        self, bootstrap: str, client: Mapping[str, str], codec: Codec[dict[str, Any]], scope: Scope
    ) -> None:
        self._bootstrap = bootstrap
        self._scope = scope
        self._client = client
        self._letters = Letters(bootstrap, client, codec)
        self._codec = codec
        self._transactions = TransactionalClient(
            Librdkafka().producer, bootstrap, client, f"{scope.group}-replay", REPLAYED_WITHIN_S
        )

    def replay(self, letters: Sequence[Letter], tell: Callable[[int], None]) -> Replayed:
        """Send the records of `letters` again; `tell` is called with how many are dealt with so far.

        Each goes to its own partition with the bytes, key and headers that it had, and two headers
        more: where it stood first, and since when. Its timestamp is now, so that it is kept for as long as
        what comes in now. That is done in one transaction with the note that its letters are answered: so a
        replay that is cut off has sent what it noted, and running it again sends the rest.

        Raises:
            TopicMissing: a record's topic is not there any more, or no stage reads it; nothing was sent.
            ReplayFailed: the broker did not take a portion; what was told before is sent.

        """
        done = Replayed(overtaken=self._overtaken(letters))
        skipped = {letter.place for letter in done.overtaken}
        left = [letter for letter in letters if letter.place not in skipped]
        try:
            if left:
                self._transactions.introduce(REPLAYED_WITHIN_S)
            for portion in _portions(left):
                self._send(portion, done)
                tell(len(skipped) + done.sent + len(done.too_large) + len(done.gone))
        except KafkaException as error:
            raise ReplayFailed(
                f"{done.sent} of {len(left)} records were sent, then the broker refused "
                f"({error.args[0].str()}). Run the same replay again to send the rest"
            ) from None
        return done

    def _send(self, portion: Sequence[Letter], done: Replayed) -> None:
        """Send `portion` in one transaction; find out by halves which record its topic does not take."""
        try:
            with aborted_on_error(self._transactions, REPLAYED_WITHIN_S):
                sent = self._transaction(portion)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.MSG_SIZE_TOO_LARGE:
                raise
            if len(portion) == 1:
                done.too_large += portion
                return
            half = len(portion) // 2
            self._send(portion[:half], done)
            self._send(portion[half:], done)
        else:
            done.sent += len(sent)
            done.gone += [letter for letter in portion if letter.place not in sent]

    def _transaction(self, portion: Sequence[Letter]) -> set[tuple[int, int]]:
        """Send those of `portion` that are still there; return the places of their letters."""
        refused: list[KafkaError] = []

        def delivered(error: KafkaError | None, message: Any) -> None:
            if error is not None:
                refused.append(error)

        answered = {letter.place: letter.set_aside_at for letter in portion}
        # Before the transaction begins: they may lie far apart, and it must not wait for what is read.
        held = list(self._letters.read(answered))
        now_ms = int(time.time() * 1000)
        self._transactions.begin(REPLAYED_WITHIN_S)
        kafka = self._transactions.kafka
        for place, letter in held:
            answer = note(letter, REPLAYED, answered[place], detail=SENT_AGAIN, agent="replay")
            headers = [(header["name"], header["value"]) for header in letter["headers"]]
            ours = [(REPLAY_OF, identity(letter).encode()), (STORED_AT, b"%d" % letter["timestamp_ms"])]
            kafka.produce(
                letter["topic"],
                partition=self._partition(letter),
                key=letter["key"],
                value=letter["value"],
                timestamp=now_ms,
                headers=[*(header for header in headers if header[0] not in (REPLAY_OF, STORED_AT)), *ours],
                on_delivery=delivered,
            )
            kafka.produce(
                self._codec.topic,
                key=letter["key"],
                value=self._codec.encode(answer),
                timestamp=now_ms,
                on_delivery=delivered,
            )
            kafka.poll(0)
        kafka.flush(REPLAYED_WITHIN_S)
        if refused:
            raise KafkaException(refused[0])
        kafka.commit_transaction(REPLAYED_WITHIN_S)
        return {place for place, _ in held}

    def _partition(self, letter: Mapping[str, Any]) -> int:
        """Return the partition where the record stood, or that of its key where it belongs with rows.

        They are one, but for a letter from before a move to another number of partitions.
        """
        key, scope = letter["key"], self._scope
        own = scope.is_broadcast(letter["topic"], key)
        by_key = key is not None and not own and letter["topic"] in scope.behind_rows()
        return BY_KEY if by_key else int(letter["partition"])

    def _overtaken(self, letters: Iterable[Letter]) -> list[Letter]:
        """Return the letters that must not be sent: the last record of a key stands, and theirs is older."""
        topics = {letter.topic for letter in letters}
        unread = sorted(topics.difference(self._scope.inputs()))
        if unread:
            raise TopicMissing(
                f"records would go back to {', '.join(unread)}, which nothing reads any more. Have it read, "
                "or leave those records out"
            )
        kafka = admin(self._bootstrap, self._client)
        absent = sorted(topics - kafka.list_topics(timeout=ANSWER_WITHIN_S).topics.keys())
        if absent:
            raise TopicMissing(
                f"records would go back to {', '.join(absent)}, which does not exist. Create it, or leave "
                "those records out"
            )
        last_stands = compacted(kafka, topics) if topics else set()
        doubtful = [letter for letter in letters if letter.topic in last_stands]
        tps = [
            tp for topic in {letter.topic for letter in doubtful} for tp in reading.partitions(kafka, topic)
        ]
        keys = {(letter.topic, letter.key) for letter in doubtful}
        # By timestamp first: on a cluster that was moved to, offsets start again.
        newest: dict[tuple[str, bytes | None], tuple[int, int]] = {}
        starts = dict.fromkeys(tps, 0)
        for record in reading.read(self._bootstrap, self._client, starts, reading.ends(kafka, tps)):
            of_key = (str(record.topic()), record.key())
            if of_key in keys:
                stands = (stored_at(cast(Record, record)), int(record.offset() or 0))
                newest[of_key] = max(newest.get(of_key, stands), stands)
        return [
            letter
            for letter in doubtful
            if newest.get((letter.topic, letter.key), (-1, -1)) > (letter.timestamp_ms, letter.offset)
        ]


def _portions(letters: Sequence[Letter]) -> Iterator[Sequence[Letter]]:
    """Yield `letters` in portions of so many and so many bytes at most, but of one letter at least."""
    start, size = 0, 0
    for number, letter in enumerate(letters):
        size += letter.size
        if number > start and (number - start == PORTION or size > PORTION_BYTES):
            yield letters[start:number]
            start, size = number, letter.size
    if letters:
        yield letters[start:]
