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

# sysexits.h EX_SOFTWARE: the worker found that it could not keep its promise; restart it.
EXIT_STOPPED_AT_ONCE = 70
# sysexits.h EX_TEMPFAIL: the worker cannot work because somebody else does not answer.
EXIT_NOBODY_ANSWERS = 75

# Names the file descriptor on which a worker tells its supervisor why it ends.
LAST_WORDS = "STREAMS_LAST_WORDS"

FRAMES_TOLD = 6
TOLD_WITHIN_S = 2.0
# Less than a pipe holds: nobody reads it before the worker has ended.
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
    """Root of the plumbing's errors. `retriable`: the same call may succeed later."""

    retriable = False


class BrokerUnreachable(StreamsError):
    """No broker answered."""

    retriable = True


class WriteUnclear(StreamsError):
    """The broker did not answer whether it took a transaction: all of it is there, or nothing."""

    retriable = True


class TopicMismatch(StreamsError):
    """A topic exists with other settings than it must have."""


class TopicSettingsDiffer(TopicMismatch):
    """All that differs can be set right while the topics hold records."""


class TopicMissing(StreamsError):
    """A topic that must exist does not."""


class MayNotJoin(StreamsError):
    """What must hold before this worker joins its group does not; the message says what to do."""


class NotAllowed(StreamsError):
    """The broker refuses this principal a right that the work needs; the message names right and topic."""


class CheckpointAborted(StreamsError):
    """The broker refused the transaction as a whole; it may be written again."""

    retriable = True


class CheckpointRefused(StreamsError):
    """The broker says that these partitions are no longer ours, or the transaction cannot be saved."""


class OffsetsLost(StreamsError):
    """Rows are there, but not how far the inputs that made them were read."""


class OffsetsAhead(StreamsError):
    """The group has read further than a topic goes: the broker was put back, or the topic made anew."""


class RowsLost(StreamsError):
    """A changelog does not hold everything that was written to it."""


class GroupBusy(StreamsError):
    """Workers run where none may."""

    retriable = True


class NotAtRest(StreamsError):
    """A transaction is open where everything must be settled."""

    retriable = True


class SavepointUnwritten(StreamsError):
    """The file could not be written; nothing of it is there."""


class SavepointThere(SavepointUnwritten):
    """There is a file of that name already, which may be the only way back; it stays as it was."""


class SavepointDamaged(StreamsError):
    """The file is no savepoint, or not the whole of one."""


class SavepointMisfit(StreamsError):
    """The savepoint cannot be imported here; nothing was changed."""


class SavepointOfOthers(SavepointMisfit):
    """The savepoint was taken of another group, of other topics or of more partitions than these."""


class LetterUnknown(StreamsError):
    """No such record was set aside."""


class ReplayFailed(StreamsError):
    """Records were not sent again, and nothing is lost by it: the same replay may be run again."""

    retriable = True


class WorkerKeepsFailing(StreamsError):
    """A worker was started again and again, and never ran well."""


class InvariantBroken(StreamsError):
    """Something that always holds does not: a fault of this program."""


class NotOffered(StreamsError):
    """A part of Faust was asked for that would break a promise here; the message says what to use."""


class NotThroughCheckpoint(StreamsError):
    """Something tried to send outside a checkpoint."""


def refused(error: KafkaError, right: str, name: str) -> Exception:
    """Return what to raise where the broker answered `error` to who needs `right` on `name`."""
    kind = DENIED.get(error.code())
    if kind is None:
        return KafkaException(error)
    return NotAllowed(f"the broker does not let this user {right} the {kind} {name}")


def is_transient(error: KafkaException) -> bool:
    """Return whether the same question may be answered a moment later: a coordinator moves, a broker starts.

    An administrator's client does not mark its errors as retriable, so they are named.
    """
    return bool(error.args[0].retriable()) or error.args[0].code() in TRANSIENT


def stop_at_once(reason: str, cause: BaseException | None = None) -> NoReturn:
    """End this process now: no acknowledgement, no commit, no tidy close.

    A graceful stop would let Faust acknowledge what failed. What was not checkpointed is read
    again by whoever takes over. Of `cause` only an error of ours says what it says: another's
    message may quote the record that it tripped over.
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

    # On a thread of its own: whoever reads our output may have stopped, and a write then never returns.
    with contextlib.suppress(RuntimeError):  # no thread can be started any more
        telling = threading.Thread(target=tell, name="last words", daemon=True)
        telling.start()
        telling.join(TOLD_WITHIN_S)
    os._exit(status)


async def guarded(coroutine: Coroutine[Any, Any, None]) -> None:
    """Do what a worker cannot go on without: where it fails, the process ends at once."""
    try:
        await coroutine
    except asyncio.CancelledError:
        raise
    except Exception as error:
        stop_at_once("this worker cannot go on", error)


def begin_guarded(name: str, work: Callable[[], None]) -> None:
    """Do `work` on a daemon thread called `name`; where it fails, the process ends at once.

    A thread that dies alone would leave this worker without what it looks after, and nobody would know.
    """

    def run() -> None:
        try:
            work()
        except Exception as error:
            stop_at_once(f"the {name} of this worker failed", error)

    threading.Thread(target=run, name=name, daemon=True).start()


def end_within(seconds: float) -> None:
    """Let this process end by itself, but stop it at once after `seconds`: a broker may be gone."""
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
        with contextlib.suppress(OSError):  # no supervisor listens any more
            os.write(int(descriptor), words.encode()[:LONGEST_LAST_WORDS])


def _speaks_safely(error: BaseException) -> bool:
    return isinstance(error, StreamsError | SchemaError | KafkaException)
