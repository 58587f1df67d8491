"""What a worker tells of its stages."""

from __future__ import annotations

from prometheus_client import REGISTRY

from eropaf.streams.runtime.ownership import Shard
from eropaf.streams.runtime.stage import Stage
from eropaf.streams.runtime.telling import tell_partitions, tell_rows
from eropaf.streams.topic_partition import TP


def test_there_are_as_many_partitions_to_read_as_the_inputs_of_a_stage_have() -> None:
    """A topic that is not there has none, and what others read does not count."""
    tell_partitions([Stage("joined", ("left", "right", "absent"))], {"left": 8, "right": 4, "another": 2})

    assert REGISTRY.get_sample_value("eropaf_partitions", {"stage": "joined"}) == 12


def test_what_is_open_and_brought_nothing_yet_counts_none() -> None:
    """A rate needs the counter to be there before its first record; so does whoever looks for it."""
    stage = Stage("quiet", ("quiet.left", "quiet.right"))
    tell_rows([stage], [Shard(stage, 0, (TP("quiet.left", 0),))], {})

    assert REGISTRY.get_sample_value("eropaf_records_in_total", {"topic": "quiet.left"}) == 0
    assert REGISTRY.get_sample_value("eropaf_records_in_total", {"topic": "quiet.right"}) is None
