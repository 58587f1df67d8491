"""A replay sends records where somebody reads them, and nowhere else."""

from __future__ import annotations

import pytest

from eropaf.agents.codecs import letters as codec_of
from eropaf.streams.errors import TopicMissing
from eropaf.streams.operate.letters import Letter
from eropaf.streams.operate.replay import Replayer
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
