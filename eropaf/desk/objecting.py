"""Who objects at a household, as far as it was said: workers may not have read all of it yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from eropaf.agents.topology import ROWS
from eropaf.cluster.readable import records
from eropaf.desk.held import latest
from eropaf.risk import objections
from eropaf.risk.rows import HouseholdRow, ResidentRow
from eropaf.settings import Settings
from eropaf.streams.operate import reading
from eropaf.streams.operate.group import noted
from eropaf.streams.operate.topics import admin
from eropaf.streams.runtime.stage import changelog
from eropaf.streams.topic_partition import TP
from eropaf_client.schemas.aside import Asides
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, RESIDENT_EVENTS

Word = tuple[str | None, int, bool]
"""Who (None: who lives at the address), when, and whether they object from then on."""


def objecting(settings: Settings, key: str) -> set[str | None]:
    """Return who objects at the household of this key, or the resident of it; None: the address does.

    A row is of what the group has read. Its position is asked before the row, so that no word is missed; one
    that both hold changes nothing the second time.
    """
    kafka = admin(settings.bootstrap, settings.kafka_client)
    tps = [tp for topic in (RESIDENT_EVENTS, HOUSEHOLD_EVENTS) for tp in reading.partitions(kafka, topic)]
    read_until = noted(settings.bootstrap, settings.kafka_client, settings.group, tps)
    since = _known(settings, key)
    # What is read of the second is passed on by the first.
    for topic in (RESIDENT_EVENTS, HOUSEHOLD_EVENTS):
        since = after(since, _unread(settings, key, topic, read_until))
    return set(since)


def after(since: Mapping[str | None, int], words: Iterable[Word]) -> dict[str | None, int]:
    """Return who objects, and since when, once `words` are read in the order in which they came."""
    known = dict(since)
    for who, at, stands in words:
        objects = objections.newest(known.pop(who, None), at, stands)
        if objects is not None:
            known[who] = objects
    return known


def _known(settings: Settings, key: str) -> dict[str | None, int]:
    """Return who objects by the rows, and since when."""
    since: dict[str | None, int] = {}
    of_residents, of_households = (
        latest(settings, [key.encode()], changelog(settings.group, name), ROWS[name])
        for name in ("resident", "household")
    )
    for resident in map(ResidentRow.from_record, of_residents):
        if resident.objected_at is not None:
            since[key] = resident.objected_at
    for row in map(HouseholdRow.from_record, of_households):
        since.update(objections.objecting_since(row).items())
        if row.objected:
            since[None] = row.objected_at or 0
    return since


def _unread(settings: Settings, key: str, topic: str, read_until: Mapping[TP, int]) -> list[Word]:
    def unread(message: Any) -> bool:
        tp = TP(message.topic(), message.partition())
        return bool(message.key() == key.encode() and message.offset() >= read_until.get(tp, 0))

    told = records(settings, topic, "HouseholdEvent", Asides(), dict[str, Any], unread)
    said = ((event["objection"], event["at"]) for _, event in told if event is not None)
    return [(each["resident_key"], at, each["stands"]) for each, at in said if each is not None]
