"""Tells updates and erasures, as the ranking agent does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from confluent_kafka import Producer

from eropaf_client.records import EPOCH, EPOCH_UTC, MILLISECOND, Band, Change, PriorityUpdate
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import PRIORITIES
from eropaf_client.schemas.wire import Codec


def an_update(**changes: object) -> PriorityUpdate:
    update = PriorityUpdate(
        update_id="id", household="h-1", sequence=1, postcode="1011AB", house_number=12, addition="",
        area="1011", urgency=5_000, band=Band.MEDIUM, respond_by=date(2026, 3, 30), change=Change.RAISED,
        policy_version="v", event_at=datetime(2026, 3, 2, tzinfo=UTC),
    )  # fmt: skip
    return replace(update, **changes)  # type: ignore[arg-type]


class Ranking:
    """Tells updates, as the ranking agent does."""

    def __init__(self, bootstrap: str, client: Mapping[str, str] | None = None) -> None:
        self._encode = Codec("PriorityUpdate", PRIORITIES, LocalRegistry()).encode
        place = {"bootstrap.servers": bootstrap, "partitioner": "murmur2_random"}
        self._producer = Producer({**(client or {}), **place})

    def tell(self, *updates: PriorityUpdate) -> None:
        for each in updates:
            value = {
                "update_id": each.update_id,
                "household": each.household,
                "sequence": each.sequence,
                "address": {
                    "postcode": each.postcode,
                    "house_number": each.house_number,
                    "addition": each.addition,
                },
                "area": each.area,
                "urgency": each.urgency,
                "band": each.band.value,
                "respond_by": each.respond_by and (each.respond_by - EPOCH).days,
                "change": each.change.value,
                "policy_version": each.policy_version,
                "event_at": (each.event_at - EPOCH_UTC) // MILLISECOND,
            }
            self._producer.produce(PRIORITIES, key=each.household.encode(), value=self._encode(value))
        self._producer.flush()

    def forget(self, household: str) -> None:
        self._producer.produce(PRIORITIES, key=household.encode(), value=None)
        self._producer.flush()
