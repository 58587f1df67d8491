"""Errors of the embedded Kafka: one tree, each message with what to do."""

from __future__ import annotations


class EmbeddedKafkaError(Exception):
    """Base of this package's errors. `retriable`: the same call may succeed later."""

    retriable = False


class NoPlace(EmbeddedKafkaError):
    """A required folder is missing, full, or not writable by this user."""

    retriable = True


class NoLoopback(EmbeddedKafkaError):
    """No broker can listen on this machine: it has no 127.0.0.1."""


class JarUnavailable(EmbeddedKafkaError):
    """A jar could not be fetched: no network, a proxy, or the repository does not answer."""

    retriable = True


class JarDamaged(EmbeddedKafkaError):
    """The repository's file is not the one in the lock, even the second time."""


class BrokerNotStarted(EmbeddedKafkaError):
    """A broker ended, or did not answer in time. The message includes the end of its log."""


class BrokerEnded(EmbeddedKafkaError):
    """A broker that was ready has ended by itself. The message includes the end of its log."""


class FormatFailed(EmbeddedKafkaError):
    """Kafka's storage tool refused the settings, before any broker was started."""


class PortInUse(EmbeddedKafkaError):
    """Another process is listening on the port that this broker must return to."""

    retriable = True


class NotRunning(EmbeddedKafkaError):
    """A broker that is not running was used."""


class DataDirInUse(EmbeddedKafkaError):
    """Another Kafka is running on this data directory."""


class JavaMissing(EmbeddedKafkaError):
    """The Java runtime that a broker needs is not installed."""


class NotOurs(EmbeddedKafkaError):
    """A folder holds none of our brokers, and was left alone."""


class DataDirMismatch(EmbeddedKafkaError):
    """The data directory was made by another Kafka version, or for another number of nodes."""


class EmbeddedRegistryError(EmbeddedKafkaError):
    """The embedded schema registry could not start. The message includes the end of its log."""
