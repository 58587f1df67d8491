"""What can go wrong for somebody who publishes or subscribes.

Every error of this library is a `ClientError`. `code` is stable and for programs; the message is for people
and holds nothing of a resident; `field` names what is wrong where one field is; `retriable`: the same call
may succeed later, as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from eropaf_client.schemas.errors import ClientError

# Faults of one file that are named: who mends a thousand reads the file anew.
MOST_NAMED = 1_000


class BrokerUnreachable(ClientError):
    """No Kafka broker answered at the address given."""

    code = "broker-unreachable"
    retriable = True


class NotAuthenticated(ClientError):
    """A broker answered, and did not accept who we say we are: name, password, certificate or token."""

    code = "not-authenticated"


class NotPermitted(ClientError):
    """The cluster knows this principal, and does not let it do this."""

    code = "not-permitted"


class TopicMissing(ClientError):
    """The topic does not exist, or this principal may not see it."""

    code = "topic-missing"


class ClientBroken(ClientError):
    """The Kafka client gave up for good: make a new one."""

    code = "client-broken"


class Closed(ClientError):
    """The object was closed."""

    code = "closed"


class AfterFork(ClientError):
    """The object was made before a fork: its threads are not in this process. Make one here."""

    code = "after-fork"


class Busy(ClientError):
    """Another thread or task uses the object. One at a time: what it holds has an order."""

    code = "busy"
    retriable = True


class Fault(NamedTuple):
    """One thing that is wrong with a record: in which field, which rule (for programs), what to do."""

    field: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


class Invalid(ClientError):
    """A record that would be rejected. Nothing was sent. `faults` holds all that is wrong with it."""

    code = "invalid"

    def __init__(self, faults: Sequence[Fault]) -> None:
        first = faults[0]
        super().__init__("; ".join(map(str, faults)), field=first.field, code=first.code)
        self.faults = tuple(faults)


class InvalidSignal(Invalid):
    """A signal that would be rejected; `field` names the first field. Nothing was sent."""


class InvalidOutcome(Invalid):
    """An outcome that would be rejected; `field` names the first field. Nothing was sent."""


class NotAcknowledged(ClientError):
    """The broker did not acknowledge an event: it may or may not be stored. Publish it again.

    Publishing the same signal twice changes nothing: a contract's version counts once.
    """

    code = "not-acknowledged"
    retriable = True


class LedgerError(ClientError):
    """A file of ours on this machine, an outbox, a journal or a folder's, cannot be used."""

    code = "ledger"


class LedgerInUse(LedgerError):
    """Another process has the file."""

    code = "ledger-in-use"


class OutboxInUse(LedgerInUse):
    """Another process sends from this outbox. One at a time: two would store signals twice."""


class JournalInUse(LedgerInUse):
    """Another process reads with this journal. One at a time: two would each handle every update."""


class LedgerFull(LedgerError):
    """The disk is full, or may not be written. What was there before is still there."""

    code = "ledger-full"
    retriable = True


class InATransaction(LedgerError):
    """A handler, whose writes are saved with its update's position, asked for a transaction of its own."""

    code = "in-a-transaction"


class LedgerDamaged(LedgerError):
    """The file is no ledger of this kind, or is damaged."""

    code = "ledger-damaged"


class LedgerMoved(LedgerError):
    """The file belongs to another cluster, or to a topic that was deleted and made anew."""

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
    """One fault in a file: where, and what to do. Never repeats what a field holds."""

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
