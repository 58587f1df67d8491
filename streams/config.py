"""The plumbing's configuration: read elsewhere, passed in as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from eropaf.streams.runtime.loss import Loss
from eropaf.streams.runtime.transport import Librdkafka, Transport

# Only librdkafka log lines (syslog levels) worse than a warning: it warns of every retry, and what it cannot
# recover from becomes an error of ours.
QUIET = 3

# How long a client backs off from a partition whose queue is full; in its default of one second the queue
# would be drained and the worker idle.
QUEUE_BACKOFF_MS = 20


@dataclass(frozen=True, slots=True)
class StreamsConfig:
    """How one worker connects to Kafka and paces itself.

    `worker` names this worker within its group. The transactional id is derived from it, so a restarted
    worker closes the transaction it left open. Two live workers with one name fence each other.
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
    """While behind: how many events share a checkpoint. Otherwise each follows the last."""
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
    standbys: int = 1
    """Rows are kept ready for the loss of so many hosts at once; there is none where no other host is."""
    accepted_losses: tuple[Loss, ...] = ()
    """Records deleted before they were read that a person has accepted as lost."""
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
