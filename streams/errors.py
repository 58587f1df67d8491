"""What can go wrong in the plumbing, and the one way to stop when a promise cannot be kept."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import structlog

log = structlog.get_logger(__name__)

# sysexits.h EX_SOFTWARE: the worker found that it could not keep its promise; restart it.
EXIT_STOPPED_AT_ONCE = 70


class StreamsError(Exception):
    """Root of the plumbing's errors. `retriable`: the same call may succeed later."""

    retriable = False


class BrokerUnreachable(StreamsError):
    """No broker answered."""

    retriable = True


class TopicMismatch(StreamsError):
    """A topic exists with other settings than it must have."""


class TopicMissing(StreamsError):
    """A topic that must exist does not."""


class CheckpointAborted(StreamsError):
    """The broker refused the transaction as a whole; it may be written again."""

    retriable = True


class CheckpointRefused(StreamsError):
    """The broker says that these partitions are no longer ours, or the transaction cannot be saved."""


class NotThroughCheckpoint(StreamsError):
    """Something tried to send outside a checkpoint."""


def stop_at_once(reason: str, **where: object) -> NoReturn:
    """End this process now: no acknowledgement, no commit, no tidy close.

    A graceful stop would let Faust acknowledge what failed. What was not checkpointed is read
    again by whoever takes over.
    """
    log.critical("stopped at once", reason=reason, exit_status=EXIT_STOPPED_AT_ONCE, **where)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(EXIT_STOPPED_AT_ONCE)
