"""The last day announced by the deployment's clock, where time enters the flow."""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Any

from confluent_kafka import IsolationLevel
from confluent_kafka.admin import AdminClient, OffsetSpec

from eropaf.risk.calendar import EPOCH
from eropaf.settings import Settings
from eropaf.streams.operate import reading
from eropaf.streams.topic_partition import TP
from eropaf_client.schemas.aside import Asides
from eropaf_client.schemas.topics import EVERY, HOUSEHOLD_EVENTS
from eropaf_client.schemas.wire import Codec

# Each day is told once, soon after it begins; and where no worker ran then, as soon as one does.
LOOKS_BACK_S = 26 * 3600


def told_last(settings: Settings, kafka: AdminClient) -> date | None:
    """Return the newest day announced within the last 26 hours; None if none was.

    Reads only the first partition of households' histories: every day is announced in each.
    """
    first = TP(HOUSEHOLD_EVENTS, 0)
    since = OffsetSpec.for_timestamp(int((time.time() - LOOKS_BACK_S) * 1000))
    start = reading.offsets(lambda: kafka, [first], since, IsolationLevel.READ_COMMITTED)[first]
    if start < 0:
        return None
    ends = reading.ends(kafka, [first])
    codec: Codec[dict[str, Any]] = Codec("HouseholdEvent", HOUSEHOLD_EVENTS, settings.registry())
    asides, newest = Asides(), None
    for message in reading.read(settings.bootstrap, settings.kafka_client, {first: start}, ends):
        event = asides.usable(message, codec.decode) if message.key() == EVERY.encode() else None
        if event is not None and event["tick"] is not None:
            newest = max(newest or 0, event["tick"]["on"])
    return None if newest is None else EPOCH + timedelta(days=newest)
