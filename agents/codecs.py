"""Codecs of the records between stages, as the values that the rules take and return."""

from __future__ import annotations

from typing import Any

from eropaf.risk.records import HouseholdEvent
from eropaf.risk.told import HouseholdRisk
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, HOUSEHOLD_RISK, REJECTED, RESIDENT_EVENTS
from eropaf_client.schemas.wire import Codec


def household_events(registry: Registry) -> Codec[HouseholdEvent]:
    """Return the codec of household events."""
    return Codec("HouseholdEvent", HOUSEHOLD_EVENTS, registry, HouseholdEvent, HouseholdEvent.from_record)


def resident_events(registry: Registry) -> Codec[HouseholdEvent]:
    """Return the codec of what residents said whom the register does not know."""
    return Codec("HouseholdEvent", RESIDENT_EVENTS, registry, HouseholdEvent, HouseholdEvent.from_record)


def household_risks(registry: Registry) -> Codec[HouseholdRisk]:
    """Return the codec of household risks."""
    return Codec("HouseholdRisk", HOUSEHOLD_RISK, registry, HouseholdRisk, HouseholdRisk.from_record)


def letters(registry: Registry) -> Codec[dict[str, Any]]:
    """Return the codec of dead letters."""
    return Codec("Rejected", REJECTED, registry)
