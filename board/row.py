"""A household as shown on the list: everything an outreach worker needs, and no reasons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from eropaf.board.address_register import Premises
from eropaf.board.claims import Holder
from eropaf.board.safety import Level, Mark
from eropaf_client.live_list import HEIGHT
from eropaf_client.records import Action, Band, PriorityUpdate

HIGHEST = 9_999_999_999
FAR = "9999-12-31"


@dataclass(frozen=True, slots=True)
class Row:
    """One household on the list, who holds it, its dwelling where an address register has it, its mark."""

    update: PriorityUpdate
    holder: Holder | None
    premises: Premises | None = None
    mark: Mark | None = None

    @property
    def household(self) -> str:
        """The household's key."""
        return self.update.household

    @property
    def address(self) -> str:
        """The address as people look for it: by its street, where that is known."""
        if self.premises is None:
            return self.postal
        return f"{self.premises.street} {self._number}, {self._postcode}"

    @property
    def postal(self) -> str:
        """The address by postcode and number, which stand for it everywhere."""
        return f"{self._postcode} {self._number}"

    @property
    def _postcode(self) -> str:
        return f"{self.update.postcode[:4]} {self.update.postcode[4:]}"

    @property
    def _number(self) -> str:
        return f"{self.update.house_number} {self.update.addition}".strip()

    @property
    def point(self) -> tuple[float, float] | None:
        """Where it stands, in metres east and north; None where that is not known."""
        return None if self.premises is None else self.premises.point

    @property
    def rank(self) -> str:
        """Text that sorts like the list, so that a browser knows where a row goes."""
        update = self.update
        due = update.respond_by.isoformat() if update.respond_by else FAR
        return f"{9 - HEIGHT[update.band]}{due}{HIGHEST - update.urgency:010d}{update.household}"

    @property
    def office_only(self) -> bool:
        """Whether nobody visits this address."""
        return self.mark is not None and self.mark.level is Level.OFFICE_ONLY

    @property
    def action(self) -> str:
        """How help is first offered: the policy's action for the band."""
        return (self.update.action or Action.UNKNOWN).value

    def days_left(self, today: date) -> int | None:
        """Return the days until a first talk is due; negative if overdue."""
        return None if self.update.respond_by is None else (self.update.respond_by - today).days

    def to_json(self) -> dict[str, Any]:
        """Return what a browser needs to show this row."""
        update = self.update
        return {
            "household": update.household,
            "rank": self.rank,
            "address": self.address,
            **({} if self.premises is None else {"postal": self.postal}),
            **({} if self.mark is None else self._marked(self.mark)),
            "area": update.area,
            "band": update.band.value,
            "due": update.respond_by and update.respond_by.isoformat(),
            "change": update.change,
            "action": self.action,
            "holder": self.holder and self.holder.id,
            "name": self.holder and self.holder.name,
        }

    @staticmethod
    def _marked(mark: Mark) -> dict[str, str]:
        """Return the mark and its last day, by which a browser ends it."""
        return {"safety": mark.level.value, "safe_until": mark.until.isoformat()}


def gone(household: str) -> dict[str, Any]:
    """Return what a browser needs to remove a row."""
    return {"household": household, "rank": None}


def is_open(update: PriorityUpdate) -> bool:
    """Return whether the household is on the list."""
    return update.band is not Band.NONE
