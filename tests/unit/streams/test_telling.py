"""What a worker tells of its stages."""

from __future__ import annotations

from prometheus_client import REGISTRY

from eropaf.streams.runtime.stage import Stage
from eropaf.streams.runtime.telling import tell_partitions


def test_there_are_as_many_partitions_to_read_as_the_inputs_of_a_stage_have() -> None:
    """A topic that is not there has none, and what others read does not count."""
    tell_partitions([Stage("joined", ("left", "right", "absent"))], {"left": 8, "right": 4, "another": 2})

    assert REGISTRY.get_sample_value("eropaf_partitions", {"stage": "joined"}) == 12
