"""What can go wrong for somebody who publishes or subscribes. `retriable`: try the same again."""

from __future__ import annotations


class ClientError(Exception):
    """Root of this library's errors."""

    retriable = False


class BrokerUnreachable(ClientError):
    """No Kafka broker answered at the address given."""

    retriable = True


class TopicMissing(ClientError):
    """The topic does not exist, or this principal may not see it."""


class InvalidSignal(ClientError):
    """A signal that would be rejected; the message names the field. Nothing was sent."""


class InvalidOutcome(ClientError):
    """An outcome that would be rejected; the message names the field. Nothing was sent."""


class NotAcknowledged(ClientError):
    """The broker did not acknowledge an event: it may or may not be stored. Publish it again.

    Publishing the same signal twice changes nothing: a contract's version counts once.
    """

    retriable = True


class OutboxInUse(ClientError):
    """Another process sends from this outbox. One at a time: two would store signals twice."""


class JournalInUse(ClientError):
    """Another process reads with this journal. One at a time: two would each handle every update."""


class JournalMissing(ClientError):
    """Only a subscriber with a journal can say what was handled."""


class FileRefused(ClientError):
    """A file with faults. Nothing of it was used."""

    def __init__(self, path: str, problems: list[Problem]) -> None:
        faults = "1 fault" if len(problems) == 1 else f"{len(problems)} faults"
        super().__init__(f"{path}: {faults}; nothing of it was used")
        self.problems = problems


class Problem:
    """One fault in a file: where, and what to do. Never repeats what a field holds."""

    def __init__(self, place: str, message: str) -> None:
        self.place = place
        self.message = message

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"
