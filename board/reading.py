"""How the four topics of the board are read, and what it makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from eropaf.board.records import Claim, outcome
from eropaf.board.safety import Decision, Mark
from eropaf.serving.reading import Reading, tell
from eropaf_client.cluster import Cluster
from eropaf_client.inbox import Received
from eropaf_client.outcomes import OutreachOutcome
from eropaf_client.schemas.topics import CLAIMS, DOOR_SAFETY, OUTCOMES
from eropaf_client.schemas.wire import Codec
from eropaf_client.source import KafkaSource
from eropaf_client.subscriber import PrioritySubscriber
from eropaf_client.topic_reader import Read, TopicReader

CONNECTS_AS = "The board connects as `board`, or as `desk`"


@dataclass(slots=True)
class News:
    """What came since the last time."""

    updates: list[Received] = field(default_factory=list)
    claims: list[tuple[int, int, Claim | None]] = field(default_factory=list)  # partition, offset, value
    marks: list[tuple[int, int, Decision | None]] = field(default_factory=list)  # partition, offset, value
    outcomes: list[tuple[int, OutreachOutcome]] = field(default_factory=list)  # stored at (ms), value
    caught_up: bool = False

    @classmethod
    def of(cls, reads: Sequence[Received | Read], caught_up: bool) -> News:
        """Sort what was read by what it is of."""
        news = cls(caught_up=caught_up)
        for read in reads:
            if isinstance(read, Received):
                news.updates.append(read)
            elif read.topic == CLAIMS:  # one that is set aside too: somebody may wait for its place
                news.claims.append((read.partition, read.offset, read.value))
            elif read.topic == DOOR_SAFETY:
                mark = (
                    None if read.value is None else Decision(read.key.decode(errors="replace"), *read.value)
                )
                news.marks.append((read.partition, read.offset, mark))
            elif read.value is not None:
                news.outcomes.append((read.stored_at_ms, read.value))
        return news


def read_along(cluster: Cluster) -> Reading[News]:
    """Return what reads the board's four topics: updates first, as a browser waits for them.

    Raises:
        BrokerUnreachable, TopicMissing: within ten seconds.
    """
    claims: Codec[dict[str, Any]] = Codec("OutreachClaim", CLAIMS, cluster.registry)
    outcomes: Codec[dict[str, Any]] = Codec("OutreachOutcome", OUTCOMES, cluster.registry)
    marks: Codec[dict[str, Any]] = Codec("DoorSafety", DOOR_SAFETY, cluster.registry)
    updates = PrioritySubscriber(cluster)
    rest = TopicReader(
        KafkaSource(cluster, [CLAIMS, OUTCOMES, DOOR_SAFETY], "board"),
        {
            CLAIMS: lambda data: Claim.from_record(claims.decode(data)),
            OUTCOMES: lambda data: outcome(outcomes.decode(data)),
            # A tuple, since nothing at all says that a record could not be used.
            DOOR_SAFETY: lambda data: (None if data is None else Mark.from_record(marks.decode(data)),),
        },
        tell,
    )
    return Reading([updates, rest], News.of, CONNECTS_AS)
