"""What the plumbing needs to be told. Read elsewhere, passed in as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from eropaf.streams.runtime.loss import Loss
from eropaf.streams.runtime.transport import Librdkafka, Transport

# Of librdkafka's own lines (syslog levels) only what is worse than a warning: it warns of every
# retry, and what it cannot mend is an error of ours.
QUIET = 3

# How long a client leaves a partition alone whose queue is full; its own second is long enough to work
# the queue off and wait.
QUEUE_BACKOFF_MS = 20


@dataclass(frozen=True, slots=True)
class StreamsConfig:
    """How one worker reaches Kafka and how it paces itself.

    `worker` names this worker among its group's: it makes the transactional id, so that a restarted
    worker closes what it left open. Two live workers of one name end each other.
    """

    bootstrap: str
    group: str
    worker: str
    client: Mapping[str, str] = field(default_factory=dict)
    """Settings for every Kafka client: security, client id prefix."""
    group_protocol: str = "consumer"
    """`consumer` (KIP-848) or `classic`."""
    static_membership: bool = False
    """A restarted worker of the same name gets its partitions back without a rebalance."""
    session_timeout_s: float = 45.0
    """Classic protocol only; under KIP-848 it is the broker's setting."""
    checkpoint_interval_s: float = 0.1
    """While behind: how many events share a checkpoint. Else each follows upon the last."""
    transaction_timeout_s: float = 15.0
    """How long a dead worker's open transaction may hold readers back."""
    poll_records: int = 1000
    """Most records taken from Kafka at once; with the next poll under way, twice this is in hand."""
    prefetch_kbytes: int = 16_384
    """Most that the Kafka client fetches ahead, all partitions together."""
    fetch_kbytes: int = 2_048
    """Most in one answer of a broker, as it is compressed; unpacked it may be ten times as much."""
    fetch_partition_kbytes: int = 256
    """The same for one partition; a single larger record comes all the same."""
    max_record_bytes: int = 65_536
    """A larger record is set aside unread."""
    state: Path | None = None
    """This worker's own folder for rows; none: they rest in memory."""
    accepted_losses: tuple[Loss, ...] = ()
    """Records deleted before they were read of which a person said: go on without them."""
    progress_within_s: float = 60.0
    """A worker that processes nothing for this long while records wait ends itself."""
    restore_moves_within_s: float = 60.0
    """A worker that gets no row back for this long while it restores ends itself."""
    saved_within_s: float = 60.0
    """A worker that saves nothing for this long while something is unsaved ends itself."""
    queue_moves_within_s: float = 30.0
    """A worker whose full producer queue takes nothing for this long ends itself."""
    transport: Transport = field(default_factory=Librdkafka)
    """Makes the Kafka clients; another one than the default is for tests."""
