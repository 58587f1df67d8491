"""The citizen service number behind a key, read from the one record of a creditor that waits."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from confluent_kafka import KafkaError, TopicPartition

from eropaf.risk.identity import resident_key
from eropaf.risk.refusal import Refused
from eropaf_client import connection
from eropaf_client.cluster import Cluster
from eropaf_client.errors import BrokerUnreachable
from eropaf_client.schemas.errors import Undecodable
from eropaf_client.schemas.topics import arrears
from eropaf_client.schemas.wire import Codec

# A record by its name; a creditor's name may hold dots and hyphens too.
PLACE = re.compile(r"(?P<topic>.+)-(?P<partition>\d+)-(?P<offset>\d+)")

Place = tuple[str, int, int]
RecordAt = Callable[[Place], bytes | None]


def place_of(event_id: str) -> Place | None:
    """Return where the record of this name stood first; None: it is no name."""
    found = PLACE.fullmatch(event_id)
    return None if found is None else (found["topic"], int(found["partition"]), int(found["offset"]))


class Numbers:
    """Finds a number where it stands; keeps none."""

    def __init__(self, cluster: Cluster, creditors: tuple[str, ...], secret: bytes, at: RecordAt) -> None:
        self._decode: Mapping[str, Callable[[bytes | None], dict[str, Any]]] = {
            arrears(one): Codec("ArrearsSignal", arrears(one), cluster.registry).decode for one in creditors
        }
        self._secret, self._at = secret, at

    def of(self, resident: str, event_id: str) -> str | None:
        """Return the number of `resident`; None if that record is gone, or is another's after a move."""
        record = self.record_of(resident, event_id)
        return None if record is None else str(record["resident"]["bsn"])

    def record_of(self, resident: str, event_id: str) -> dict[str, Any] | None:
        """Return the creditor's record of `resident`; None if it is gone, or is another's after a move."""
        place = place_of(event_id)
        if place is None or place[0] not in self._decode or (data := self._at(place)) is None:
            return None
        try:
            record = self._decode[place[0]](data)
            number = record["resident"]["bsn"]
            return record if number and resident_key(number, self._secret) == resident else None
        except (Undecodable, Refused):
            return None


class RecordReader:
    """Reads single records by their place. Used by one thread."""

    def __init__(self, cluster: Cluster, purpose: str) -> None:
        self._cluster, self._troubles = cluster, connection.Troubles(cluster)
        self._consumer = connection.reader(cluster, purpose, self._troubles)

    def __call__(self, place: Place) -> bytes | None:
        """Return a record's value; None if there is no such record any more.

        Raises:
            BrokerUnreachable: nobody says.
            NotAuthenticated, NotPermitted, TopicMissing: waiting does not help.

        """
        self._consumer.assign([TopicPartition(*place)])
        ends = time.monotonic() + self._cluster.timing.answer_within_s
        while time.monotonic() < ends:
            message = self._consumer.poll(connection.POLL_WAIT_S)
            self._troubles.check()
            if message is None:
                continue
            error = message.error()
            if error is None:
                # Where that place is gone, reading goes on at the oldest record there is.
                return message.value() if message.offset() == place[2] else None
            if error.code() == KafkaError._PARTITION_EOF:
                return None
            if error.code() in connection.HOPELESS:
                raise connection.told(error, self._cluster, place[0])
        raise BrokerUnreachable(
            f"{self._cluster.bootstrap} did not answer for a record of {place[0]}. Is a broker down?"
        )

    def close(self) -> None:
        """Stop reading."""
        self._consumer.close()
