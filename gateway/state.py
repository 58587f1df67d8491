"""What the gateway knows, all of it read from topics: nothing here could disagree with them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eropaf.gateway.answers import Answer, Answers
from eropaf.gateway.config import Kept
from eropaf.gateway.feed import Feed
from eropaf.gateway.known import Known, Place
from eropaf.gateway.questions import Question, Questions
from eropaf.gateway.signal_json import digest_of
from eropaf_client.feedback import CreditorFeedback
from eropaf_client.questions import CreditorQuestion
from eropaf_client.schemas.epoch import DAY_MS
from eropaf_client.schemas.topics import PRIORITIES, arrears, feedback, questions
from eropaf_client.topic_reader import Read

# A record is read within milliseconds; where reading is behind or stands still, nobody waits for ever.
READ_ON_WITHIN_S = 1.0
# What is old is forgotten this often: all of it is looked at.
TIDIES_EVERY_S = 600.0

Reached = Mapping[tuple[str, int], int]


@dataclass(frozen=True, slots=True)
class News:
    """What was read since the last time, and before which offset of each partition everything was."""

    reads: Sequence[Read]
    caught_up: bool
    reached: Reached


class State:
    """Every creditor's signals, answers, questions, and what outreach is told. On the event loop alone."""

    def __init__(
        self,
        known: Mapping[str, Known],
        answers: Mapping[str, Answers],
        asked: Mapping[str, Questions],
        feed: Feed | None,
        kept: Kept,
    ) -> None:
        self._kept = kept
        self.known, self.answers, self.asked, self.feed = known, answers, asked, feed
        self._of_topic = {arrears(creditor): each for creditor, each in known.items()}
        self._told_on = {feedback(creditor): each for creditor, each in answers.items()}
        self._asked_on = {questions(creditor): each for creditor, each in asked.items()}
        self._tidied_at = 0.0
        self.ready = asyncio.Event()
        self._reached: Reached = {}
        self._moved = asyncio.Event()
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._telling: set[asyncio.Future[Any]] = set()

    async def read_to(self, ends: Reached) -> bool:
        """Return whether everything before these offsets has been read; wait for that, for a while only."""
        try:
            async with asyncio.timeout(READ_ON_WITHIN_S):
                while any(self._reached.get(place, 0) < end for place, end in ends.items()):
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            return False
        return True

    def take(self, news: News | Exception) -> None:
        """Take in what was read. Where that fails the gateway ends, rather than live on half blind."""
        if isinstance(news, Exception):
            self._fail(news)
            return
        try:
            self._take(news)
        except Exception as error:  # ends the gateway; nothing that strangers write should come so far
            self._fail(error)

    def _take(self, news: News) -> None:
        touched: set[Known | Feed] = set()
        for read in news.reads:
            if read.value is not None:  # else it was set aside, and counted
                touched |= self._take_read(read)
        for each in touched:
            self._soon(each.tell())
        self._reached = news.reached
        self._moved.set()
        if news.caught_up:
            self._tidy()
            self.ready.set()

    def _take_read(self, read: Read) -> set[Known | Feed]:
        if self.feed is not None and read.topic == PRIORITIES:
            self.feed.take(read)
            return {self.feed}
        known = self._of_topic.get(read.topic)
        if known is None and read.topic in self._asked_on:
            self._asked_on[read.topic].take(read.partition, Question(read.offset, read.value))
            return set()
        if known is None:
            answer = Answer(read.offset, read.stored_at_ms, read.value)
            self._told_on[read.topic].take(read.partition, answer)
            return set()
        known.take(read.value[0], place_of(read))
        return {known}

    def _tidy(self) -> None:
        """Forget, now and then, what the topics keep no longer."""
        now_s = time.time()
        if now_s - self._tidied_at < TIDIES_EVERY_S:
            return
        self._tidied_at, now_ms = now_s, int(now_s * 1000)
        for known in self.known.values():
            known.forget(now_ms - self._kept.arrears_days * DAY_MS)
        for answers in self.answers.values():
            answers.forget(now_ms - self._kept.feedback_days * DAY_MS)
        for asked in self.asked.values():
            asked.forget()
        if self.feed is not None:
            self.feed.forget(
                now_ms - self._kept.updates_days * DAY_MS, now_ms - self._kept.erasures_days * DAY_MS
            )

    def _fail(self, error: Exception) -> None:
        if not self.failed.done():
            self.failed.set_exception(error)

    def _soon(self, telling: Any) -> None:
        task = asyncio.ensure_future(telling)
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)


def stored(record: Mapping[str, Any]) -> tuple[str, tuple[int, bytes, str, str, str]]:
    """Return of a signal that was read its id, and what is kept of it."""
    digest = bytes.fromhex(digest_of(record))
    return record["signal_id"], (
        record["version"], digest, record["contract"], record["kind"], record["partner_type"],
    )  # fmt: skip


def told(record: Mapping[str, Any]) -> CreditorFeedback:
    """Return an answer that was read."""
    return CreditorFeedback.from_record(record)


def asked(record: Mapping[str, Any]) -> CreditorQuestion:
    """Return a question that was read."""
    return CreditorQuestion.from_record(record)


def place_of(read: Read) -> Place:
    """Return where a signal that was read is stored."""
    version, digest, contract, kind, partner_type = read.value[1]
    return Place(
        version=version,
        digest=digest,
        contract=contract,
        kind=kind,
        partner_type=partner_type,
        partition=read.partition,
        offset=read.offset,
        stored_at_ms=read.stored_at_ms,
    )
