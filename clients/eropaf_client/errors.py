"""Errors for publishers and subscribers.

Every error of this library is a `ClientError`. `code` is stable and for programs; the message is for people
and holds nothing about a resident; `field` names the faulty field, if it is one; `retriable`: the same call
may succeed later, unchanged.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from eropaf_client.schemas.errors import ClientError

# Faults of one file that are named: whoever mends a thousand reads the file again.
MOST_NAMED = 1_000


class BrokerUnreachable(ClientError):
    """No Kafka broker answered at the address given."""

    code = "broker-unreachable"
    retriable = True


class NotAuthenticated(ClientError):
    """A broker rejected our credentials: name, password, certificate or token."""

    code = "not-authenticated"


class NotPermitted(ClientError):
    """The cluster knows this principal but does not allow this."""

    code = "not-permitted"


class TopicMissing(ClientError):
    """The topic does not exist, or this principal may not see it."""

    code = "topic-missing"


class ClientBroken(ClientError):
    """The Kafka client failed permanently: create a new one."""

    code = "client-broken"


class Closed(ClientError):
    """The object was closed."""

    code = "closed"


class AfterFork(ClientError):
    """The object was made before a fork: its threads are not in this process. Make one here."""

    code = "after-fork"


class Busy(ClientError):
    """Another thread or task is using the object. Only one may at a time: its records have an order."""

    code = "busy"
    retriable = True


class Fault(NamedTuple):
    """One fault of a record: the field, the rule (for programs), and what to do."""

    field: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


class Invalid(ClientError):
    """A record that would be rejected. Nothing was sent. `faults` lists every fault."""

    code = "invalid"

    def __init__(self, faults: Sequence[Fault]) -> None:
        first = faults[0]
        super().__init__("; ".join(map(str, faults)), field=first.field, code=first.code)
        self.faults = tuple(faults)


class InvalidSignal(Invalid):
    """A signal that would be rejected; `field` names the first field. Nothing was sent."""


class InvalidOutcome(Invalid):
    """An outcome that would be rejected; `field` names the first field. Nothing was sent."""


class InvalidContact(Invalid):
    """A contact slip that cannot be given; `field` names the first field. Nothing was sent."""


class NotAcknowledged(ClientError):
    """The broker did not acknowledge an event: it may or may not be stored. Publish it again.

    Publishing the same signal twice changes nothing: a contract's version counts once.
    """

    code = "not-acknowledged"
    retriable = True


class LedgerError(ClientError):
    """A local file of this library (an outbox, a journal, a folder's) cannot be used."""

    code = "ledger"


class LedgerInUse(LedgerError):
    """Another process has the file open."""

    code = "ledger-in-use"


class OutboxInUse(LedgerInUse):
    """Another process sends from this outbox. Only one may: two would store signals twice."""


class JournalInUse(LedgerInUse):
    """Another process reads with this journal. Only one may: two would each handle every update."""


class LedgerFull(LedgerError):
    """The disk is full or not writable. Earlier content is intact."""

    code = "ledger-full"
    retriable = True


class InATransaction(LedgerError):
    """A handler, whose writes are saved with its update's position, tried to start its own transaction."""

    code = "in-a-transaction"


class LedgerDamaged(LedgerError):
    """The file is not a ledger of this kind, or is damaged."""

    code = "ledger-damaged"


class LedgerMoved(LedgerError):
    """The file belongs to another cluster, or to a topic that was deleted and recreated."""

    code = "ledger-moved"


class LedgerMismatch(LedgerError):
    """The file and the broker do not agree on what was stored: the file is an older copy of itself."""

    code = "ledger-mismatch"


class NotInHand(ClientError):
    """The record is not in hand: it was dealt with, given back, or will be read again after an error."""

    code = "not-in-hand"


class JournalMissing(ClientError):
    """Only a subscriber with a journal can say what was handled."""

    code = "journal-missing"


class FileRefused(ClientError):
    """A file with faults. Nothing of it was used."""

    code = "file-refused"

    def __init__(self, path: str, problems: Sequence[Problem]) -> None:
        faults = "1 fault" if len(problems) == 1 else f"{len(problems)} faults"
        if len(problems) > MOST_NAMED:
            faults = f"more than {MOST_NAMED:,} faults"
        super().__init__(f"{path}: {faults}; nothing of it was used")
        self.problems = problems


class Problem:
    """One fault in a file: where, and what to do. Never repeats a field's content."""

    def __init__(self, place: str, message: str | Fault) -> None:
        self.place = place
        self.message = str(message)

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class Problems:
    """What is wrong with one file. All is counted, and as much named as a person reads.

    A file that is none of ours has a fault a line: named one by one, those of 256 MiB are 30 GiB.
    """

    def __init__(self) -> None:
        self.count = 0
        self.named: list[Problem] = []

    def add(self, *problems: Problem) -> None:
        """Count faults, and name them while there is room."""
        for each in problems:
            self.count += 1
            if self.count <= MOST_NAMED:
                self.named.append(each)
            elif self.count == MOST_NAMED + 1:
                said = f"has more faults; the first {MOST_NAMED:,} are named"
                self.named.append(Problem("file", said))

    def refuse(self, path: str) -> None:
        """Refuse the file at `path` where anything is wrong with it.

        Raises:
            FileRefused: something is.
        """
        if self.named:
            raise FileRefused(path, self.named)
