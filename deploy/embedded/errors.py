"""What can go wrong with the embedded Kafka: one tree, each message with what to do."""

from __future__ import annotations


class EmbeddedKafkaError(Exception):
    """Root of this package's errors. `retriable`: the same call may succeed later."""

    retriable = False


class NoPlace(EmbeddedKafkaError):
    """A folder that is needed is not there, full, or not for this user to write."""

    retriable = True


class NoLoopback(EmbeddedKafkaError):
    """No broker can listen on this machine: it has no 127.0.0.1."""


class JarUnavailable(EmbeddedKafkaError):
    """A jar could not be fetched: no network, a proxy, or the repository does not answer."""

    retriable = True


class JarDamaged(EmbeddedKafkaError):
    """What the repository gave is not the file of the lock, also the second time."""


class BrokerNotStarted(EmbeddedKafkaError):
    """A broker ended, or did not answer in time. The message holds the end of its log."""


class FormatFailed(EmbeddedKafkaError):
    """Kafka's storage tool refused the settings, before any broker was started."""


class PortInUse(EmbeddedKafkaError):
    """Another process listens on the port that this broker must come back on."""

    retriable = True


class NotRunning(EmbeddedKafkaError):
    """Something was asked of a broker that is not running."""


class DataDirInUse(EmbeddedKafkaError):
    """Another Kafka runs on this data directory."""


class JavaMissing(EmbeddedKafkaError):
    """The Java run-time that a broker needs is not installed."""


class NotOurs(EmbeddedKafkaError):
    """A folder holds no broker of ours, and was left alone."""


class DataDirMismatch(EmbeddedKafkaError):
    """The data directory was made by another Kafka version, or for another number of nodes."""


class EmbeddedRegistryError(EmbeddedKafkaError):
    """The embedded schema registry could not be started. The message holds the end of its log."""
