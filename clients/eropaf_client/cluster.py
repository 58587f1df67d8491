"""Where and how a client connects: one value for every client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Union

from eropaf_client.schemas.registry import LocalRegistry, Registry


@dataclass(frozen=True)
class Timing:
    """How long a client waits."""

    answer_within_s: float = 8.0
    """For a broker's answer, at the start and where a topic is read to its end."""

    acknowledged_within_s: float = 30.0
    """For a record to be stored, all retries within it."""

    linger_ms: int = 5
    """For more records that go to the broker together."""


@dataclass(frozen=True)
class Cluster:
    """A Kafka cluster, and how a client connects to it.

        Cluster("kafka:9092", {"security.protocol": "SSL"}, timing=Timing(answer_within_s=3.0))

    `config` are librdkafka settings; those that we require take precedence. Its text form omits them: they
    may hold a password. `test_numbers`: the municipality runs a trial there (EROPAF_TEST_NUMBERS), in which a
    BSN need not pass the eleven test, as those of examples do not.
    """

    bootstrap: str
    config: Mapping[str, Any] = field(default_factory=dict, repr=False)
    registry: Registry = field(default_factory=LocalRegistry, repr=False)
    timing: Timing = Timing()
    test_numbers: bool = False


# A plain address will do if there is nothing else to configure.
Where = Union[str, Cluster]


def cluster(where: Where) -> Cluster:
    """Return the cluster that `where` names."""
    return where if isinstance(where, Cluster) else Cluster(where)
