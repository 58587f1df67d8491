"""Output as values: a household's risk for ranking, a priority for outreach."""

from __future__ import annotations

from typing import Any

from eropaf.risk.events import EpochDay, EpochMs, PolicyActivated
from eropaf.risk.records import Address
from eropaf.risk.value import by_name, value


@value(frozen=True, slots=True)
class HouseholdRisk:
    """How urgently help is needed at one household, after one event.

    Under the key `*` it says only that another policy is in force from here on.
    """

    household: str
    sequence: int
    address: Address
    score: int
    open_positions: int
    creditors: int
    months_behind: int
    threatening: bool
    crisis_on: EpochDay | None
    ended_by: str
    policy_version: str
    at: EpochMs
    overrule: str | None = None
    policy: PolicyActivated | None = None
    reached_on: EpochDay | None = None

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> HouseholdRisk:
        """Make from its Avro value."""
        policy = record["policy"]
        return new_risk(
            household=record["household"],
            sequence=record["sequence"],
            address=Address.from_record(record["address"]),
            score=record["score"],
            open_positions=record["open_positions"],
            creditors=record["creditors"],
            months_behind=record["months_behind"],
            threatening=record["threatening"],
            crisis_on=record["crisis_on"],
            ended_by=record["ended_by"],
            policy_version=record["policy_version"],
            at=record["at"],
            overrule=record["overrule"],
            policy=None if policy is None else PolicyActivated.from_record(policy),
            reached_on=record["reached_on"],
        )

    def to_record(self) -> dict[str, Any]:
        """Return the Avro value."""
        return {
            "household": self.household,
            "sequence": self.sequence,
            "address": self.address.to_record(),
            "score": self.score,
            "open_positions": self.open_positions,
            "creditors": self.creditors,
            "months_behind": self.months_behind,
            "threatening": self.threatening,
            "crisis_on": self.crisis_on,
            "ended_by": self.ended_by,
            "policy_version": self.policy_version,
            "at": self.at,
            "overrule": self.overrule,
            "policy": None if self.policy is None else self.policy.to_record(),
            "reached_on": self.reached_on,
        }


new_risk = by_name(HouseholdRisk)


@value(frozen=True, slots=True)
class PriorityUpdate:
    """A household crossed a threshold: who, where, how urgent, by when. Never why."""

    update_id: str
    household: str
    sequence: int
    address: Address
    urgency: int
    band: str
    respond_by: EpochDay | None
    change: str
    policy_version: str
    event_at: EpochMs
    overruled: bool = False
    action: str | None = None
    respond_by_norm: str | None = None

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> PriorityUpdate:
        """Make from its Avro value."""
        return new_update(
            update_id=record["update_id"],
            household=record["household"],
            sequence=record["sequence"],
            address=Address.from_record(record["address"]),
            urgency=record["urgency"],
            band=record["band"],
            respond_by=record["respond_by"],
            change=record["change"],
            policy_version=record["policy_version"],
            event_at=record["event_at"],
            overruled=record["overruled"],
            action=record["action"],
            respond_by_norm=record["respond_by_norm"],
        )

    def to_record(self) -> dict[str, Any]:
        """Return the Avro value."""
        return {
            "update_id": self.update_id,
            "household": self.household,
            "sequence": self.sequence,
            "address": self.address.to_record(),
            "area": self.address.area,
            "urgency": self.urgency,
            "band": self.band,
            "respond_by": self.respond_by,
            "change": self.change,
            "policy_version": self.policy_version,
            "event_at": self.event_at,
            "overruled": self.overruled,
            "action": self.action,
            "respond_by_norm": self.respond_by_norm,
        }


new_update = by_name(PriorityUpdate)
