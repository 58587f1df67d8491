"""A household as the list shows it: everything an outreach worker needs, and no reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from eropaf.board.claims import Holder
from eropaf_client.live_list import HEIGHT
from eropaf_client.records import Action, Band, PriorityUpdate

HIGHEST = 9_999_999_999
FAR = "9999-12-31"


@dataclass(frozen=True, slots=True)
class Row:
    """One household on the list, and who holds it."""

    update: PriorityUpdate
    holder: Holder | None

    @property
    def household(self) -> str:
        """The household's key."""
        return self.update.household

    @property
    def address(self) -> str:
        """The address as people write it."""
        update = self.update
        postcode = f"{update.postcode[:4]} {update.postcode[4:]}"
        return f"{postcode} {update.house_number} {update.addition}".strip()

    @property
    def walk(self) -> tuple[str, int, int, str]:
        """What a round is walked by: along one side of the street, then back along the other."""
        update = self.update
        odd = update.house_number % 2
        return (update.postcode, odd, update.house_number if odd else -update.house_number, update.addition)

    @property
    def rank(self) -> str:
        """Text that sorts as the list does, so that a browser knows where a row goes."""
        update = self.update
        due = update.respond_by.isoformat() if update.respond_by else FAR
        return f"{9 - HEIGHT[update.band]}{due}{HIGHEST - update.urgency:010d}{update.household}"

    @property
    def action(self) -> str:
        """How help is first offered, as the policy has it for the band."""
        return (self.update.action or Action.UNKNOWN).value

    def days_left(self, today: date) -> int | None:
        """Return the days until a first talk is due; below zero when it is overdue."""
        return None if self.update.respond_by is None else (self.update.respond_by - today).days

    def to_json(self) -> dict[str, Any]:
        """Return what a browser needs to show this row."""
        update = self.update
        return {
            "household": update.household,
            "rank": self.rank,
            "address": self.address,
            "area": update.area,
            "band": update.band.value,
            "due": update.respond_by and update.respond_by.isoformat(),
            "change": update.change,
            "action": self.action,
            "holder": self.holder and self.holder.id,
            "name": self.holder and self.holder.name,
        }


def gone(household: str) -> dict[str, Any]:
    """Return what a browser needs to take a row away."""
    return {"household": household, "rank": None}


def is_open(update: PriorityUpdate) -> bool:
    """Return whether the household is on the list."""
    return update.band is not Band.NONE
