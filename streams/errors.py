"""What can go wrong in the plumbing, and the one way to stop when a promise cannot be kept."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
import traceback
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, NoReturn

import structlog
from confluent_kafka import KafkaError, KafkaException

from eropaf_client.schemas.errors import SchemaError

log = structlog.get_logger(__name__)

# sysexits.h EX_SOFTWARE: the worker found that it could not keep its guarantees; restart it.
EXIT_STOPPED_AT_ONCE = 70
# sysexits.h EX_TEMPFAIL: the worker cannot work because a broker or registry does not answer.
EXIT_NOBODY_ANSWERS = 75

# Holds the file descriptor on which a worker tells its supervisor why it ends.
LAST_WORDS = "STREAMS_LAST_WORDS"

FRAMES_TOLD = 6
TOLD_WITHIN_S = 2.0
# Less than a pipe buffers: nobody reads it before the worker has ended.
LONGEST_LAST_WORDS = 2000

TRANSIENT = frozenset(
    {
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.FENCED_LEADER_EPOCH,
        KafkaError.UNKNOWN_LEADER_EPOCH,
        KafkaError.UNSTABLE_OFFSET_COMMIT,
        KafkaError.REQUEST_TIMED_OUT,
        KafkaError._TIMED_OUT,
        KafkaError._TRANSPORT,
        KafkaError._WAIT_COORD,
    }
)


# By the kind of thing that the refused right is on.
DENIED = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED: "topic",
    KafkaError.GROUP_AUTHORIZATION_FAILED: "group",
    KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED: "transactional id",
    KafkaError.CLUSTER_AUTHORIZATION_FAILED: "cluster",
}


class StreamsError(Exception):
    """Base of the plumbing's errors. `retriable`: the same call may succeed later."""

    retriable = False


class BrokerUnreachable(StreamsError):
    """No broker answered."""

    retriable = True


class WriteUnclear(StreamsError):
    """The broker did not say whether it committed a transaction: all of it was stored, or none."""

    retriable = True


class TopicMismatch(StreamsError):
    """A topic exists with other settings than it must have."""


class TopicSettingsDiffer(TopicMismatch):
    """Every difference can be corrected while the topics hold records."""


class TopicMissing(StreamsError):
    """A topic that must exist does not."""


class MayNotJoin(StreamsError):
    """A precondition for joining the group is not met; the message says what to do."""


class NotAllowed(StreamsError):
    """The broker denies this principal a right it needs; the message names the right and the topic."""


class CheckpointAborted(StreamsError):
    """The broker refused the transaction as a whole; it may be written again."""

    retriable = True


class CheckpointRefused(StreamsError):
    """The broker says these partitions are no longer ours, or the transaction cannot be committed."""


class OffsetsLost(StreamsError):
    """Rows exist, but the offsets of the inputs that made them do not."""


class OffsetsAhead(StreamsError):
    """The group has read further than a topic goes: the broker was restored, or the topic recreated."""


class RowsLost(StreamsError):
    """A changelog does not hold everything that was written to it."""


class GroupBusy(StreamsError):
    """Workers are running where none may."""

    retriable = True


class NotAtRest(StreamsError):
    """A transaction is open where none may be."""

    retriable = True


class SavepointUnwritten(StreamsError):
    """The file could not be written; nothing of it is there."""


class SavepointThere(SavepointUnwritten):
    """A file of that name already exists and may be the only way back; it was left unchanged."""


class SavepointDamaged(StreamsError):
    """The file is not a savepoint, or not a complete one."""


class SavepointMisfit(StreamsError):
    """The savepoint cannot be imported here; nothing was changed."""


class SavepointOfOthers(SavepointMisfit):
    """The savepoint was taken of another group, other topics, or more partitions than these."""


class LetterUnknown(StreamsError):
    """No such record was set aside."""


class ReplayFailed(StreamsError):
    """Records were not replayed. Nothing is lost: the same replay can be run again."""

    retriable = True


class WorkerKeepsFailing(StreamsError):
    """A worker was started again and again, and never ran well."""


class InvariantBroken(StreamsError):
    """An invariant does not hold: a bug in this program."""


class NotOffered(StreamsError):
    """A part of Faust was used that would break a guarantee here; the message says what to use instead."""


class NotThroughCheckpoint(StreamsError):
    """Something tried to send outside a checkpoint."""


def refused(error: KafkaError, right: str, name: str) -> Exception:
    """Return the exception for the broker's `error` when `right` on `name` was needed."""
    kind = DENIED.get(error.code())
    if kind is None:
        return KafkaException(error)
    return NotAllowed(f"the broker does not let this user {right} the {kind} {name}")


def is_transient(error: KafkaException) -> bool:
    """Return whether the same request may succeed a moment later: a coordinator moves, a broker starts.

    The admin client does not mark its errors as retriable, so they are listed.
    """
    return bool(error.args[0].retriable()) or error.args[0].code() in TRANSIENT


def stop_at_once(reason: str, cause: BaseException | None = None) -> NoReturn:
    """End this process now: no acknowledgement, no commit, no tidy close.

    A graceful stop would let Faust acknowledge what failed. What was not checkpointed is read again by the
    next owner. Only our own errors are logged with their message: another library's may quote the record that
    caused it.
    """
    told: dict[str, object] = {}
    if cause is not None:
        told["error"] = f"{type(cause).__name__}: {cause}" if _speaks_safely(cause) else type(cause).__name__
        told["at"] = [
            f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(cause.__traceback__)
        ][-FRAMES_TOLD:]
    status = EXIT_NOBODY_ANSWERS if _nobody_answers(cause) else EXIT_STOPPED_AT_ONCE
    _leave_last_words(": ".join([reason, *([str(told["error"])] if "error" in told else [])]))

    def tell() -> None:
        log.critical("stopped at once", reason=reason, exit_status=status, **told)
        sys.stdout.flush()
        sys.stderr.flush()

    # On its own thread: whoever reads our output may have stopped, and then a write never returns.
    with contextlib.suppress(RuntimeError):  # threads can no longer be started
        telling = threading.Thread(target=tell, name="last words", daemon=True)
        telling.start()
        telling.join(TOLD_WITHIN_S)
    os._exit(status)


async def guarded(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run what a worker cannot do without: if it fails, the process ends at once."""
    try:
        await coroutine
    except asyncio.CancelledError:
        raise
    except Exception as error:
        stop_at_once("this worker cannot go on", error)


def begin_guarded(name: str, work: Callable[[], None]) -> None:
    """Run `work` on a daemon thread called `name`; if it fails, the process ends at once.

    A thread that dies alone would silently leave this worker without what that thread looks after.
    """

    def run() -> None:
        try:
            work()
        except Exception as error:
            stop_at_once(f"the {name} of this worker failed", error)

    threading.Thread(target=run, name=name, daemon=True).start()


def end_within(seconds: float) -> None:
    """Let this process end by itself, but stop it after `seconds`: a broker may be gone."""
    reason = f"could not save what is in hand within {seconds:g} s of being told to end"
    timer = threading.Timer(seconds, stop_at_once, [reason])
    timer.daemon = True
    timer.start()


def _nobody_answers(cause: BaseException | None) -> bool:
    if isinstance(cause, KafkaException):
        return is_transient(cause)
    return isinstance(cause, StreamsError | SchemaError) and cause.retriable


def _leave_last_words(words: str) -> None:
    descriptor = os.environ.get(LAST_WORDS)
    if descriptor is not None:
        with contextlib.suppress(OSError):  # the supervisor has stopped listening
            os.write(int(descriptor), words.encode()[:LONGEST_LAST_WORDS])


def _speaks_safely(error: BaseException) -> bool:
    return isinstance(error, StreamsError | SchemaError | KafkaException)
