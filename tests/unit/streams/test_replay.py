"""A replay sends records where somebody reads them, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
import typer

from eropaf.agents.codecs import letters as codec_of
from eropaf.commands.replay import tell
from eropaf.streams.errors import TopicMissing
from eropaf.streams.operate.letters import Letter, Letters
from eropaf.streams.operate.replay import Replayed, Replayer
from eropaf.streams.operate.savepoint_scope import Scope
from eropaf.streams.runtime.stage import Stage
from eropaf_client.schemas.registry import LocalRegistry

NOBODY_LISTENS = "127.0.0.1:1"


def test_a_record_of_a_topic_that_no_stage_reads_any_more_is_not_sent_into_the_void() -> None:
    scope = Scope("group", (Stage("one", ("in.new",)),), frozenset(), frozenset())
    replayer = Replayer(NOBODY_LISTENS, {}, codec_of(LocalRegistry()), scope)
    letter = Letter("in.old-0-7", "too-large", "", "one", "in.old", 7, 0, None, 10, (7,), True, (0, 0))

    with pytest.raises(TopicMissing, match=r"in\.old, which nothing reads any more"):
        replayer.replay([letter], lambda done: None)


class Accepting:
    """A transactional client whose broker takes everything."""

    def __init__(self) -> None:
        self.produced: list[tuple[str, bytes | None]] = []
        self.kafka = self

    def introduce(self, within_s: float) -> None:
        pass

    def begin(self, within_s: float) -> None:
        pass

    def produce(self, topic: str, key: bytes | None = None, **named: Any) -> None:
        self.produced.append((topic, key))

    def poll(self, within_s: float) -> None:
        pass

    def flush(self, within_s: float) -> int:
        return 0

    def commit_transaction(self, within_s: float) -> None:
        pass


def test_a_letter_that_was_deleted_since_it_was_looked_for_is_not_counted_as_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scope = Scope("group", (Stage("one", ("in",)),), frozenset(), frozenset())
    replayer = Replayer(NOBODY_LISTENS, {}, codec_of(LocalRegistry()), scope)
    letters = [
        Letter(f"in-0-{at}", "too-large", "", "one", "in", at, 0, b"key", 10, (at,), True, (0, at))
        for at in (7, 8)
    ]
    held = {
        "reason": "too-large", "detail": "", "agent": "one", "topic": "in", "partition": 0, "offset": 8,
        "timestamp_ms": 0, "key": b"key", "value": b"value", "headers": [],
    }  # fmt: skip
    broker = Accepting()
    monkeypatch.setattr(replayer, "_transactions", broker)
    monkeypatch.setattr(replayer, "_overtaken", lambda letters: [])
    monkeypatch.setattr(Letters, "read", lambda self, only: iter([((0, 8), held)]))
    told: list[int] = []

    done = replayer.replay(letters, told.append)

    assert (done.sent, done.gone) == (1, letters[:1])
    assert [topic for topic, _ in broker.produced] == ["in", "rejected"]
    assert told == [2]


def test_what_is_gone_and_was_not_sent_is_named_and_the_command_says_that_it_failed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    letters = [
        Letter(f"in-0-{at}", "too-large", "", "one", "in", at, 0, b"key", 10, (at,), True, (0, at))
        for at in (7, 8)
    ]

    with pytest.raises(typer.Exit) as ended:
        tell(Replayed(sent=1, gone=letters[:1]), letters)

    assert ended.value.exit_code == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "1 record sent again: 1 too-large"
    assert said[1].startswith("in-0-7: not sent, its letter was deleted meanwhile")
