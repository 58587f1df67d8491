"""What residents ask to have erased, until a person decides: the law lets a municipality refuse.

Source: GDPR art. 17(3)(b); within a month, art. 12(3). Whoever is refused hears why, art. 12(4).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from eropaf.board.explaining import Asking
from eropaf.board.user import Role
from eropaf.deeds import Answer, Deed, OfResident, aside
from eropaf.opening import ERASURE, ERASURE_ASKED, ERASURE_REFUSED, leave_trace
from eropaf.policy_held import in_force
from eropaf.readable import records
from eropaf.risk.calendar import EPOCH
from eropaf.risk.purpose import Purpose
from eropaf.settings import Settings
from eropaf_client.schemas.aside import Asides
from eropaf_client.schemas.topics import AUDIT

DECIDED = (ERASURE, ERASURE_REFUSED)


class _Noted(OfResident):
    """A word on the erasure of a household: a trace and nothing else."""

    role = Role.CLERK

    def do(self, settings: Settings, asking: Asking) -> Answer:
        """Store it."""
        asides = Asides()
        household, _ = self.whom(settings, asking, asides)
        leave_trace(settings, asking.who, household, self.name, Purpose.RESIDENT_ASKED)
        return aside(asides)


class AskErasure(_Noted):
    """Ask for the erasure of a household: a person decides."""

    name = ERASURE_ASKED


class RefuseErasure(_Noted):
    """Refuse to erase a household."""

    name = ERASURE_REFUSED


class Erasures(Deed):
    """Name the households whose erasure was asked for, and of which nobody has decided."""

    name = "erasures"
    role = Role.CLERK

    def do(self, settings: Settings, asking: Asking) -> Answer:
        """Return their keys and the day on which each was first asked for, the oldest first."""
        asides = Asides()
        waiting: dict[str, int] = {}
        for _, entry in records(settings, AUDIT, "AuditEntry", asides, dict[str, Any]):
            if entry is None:
                continue
            if entry["what"] == ERASURE_ASKED and asking.may(entry["household"], None):
                waiting.setdefault(entry["household"], entry["at"])
            elif entry["what"] in DECIDED:
                waiting.pop(entry["household"], None)
        oldest = sorted(waiting.items(), key=lambda each: (each[1], each[0]))
        zone = in_force(settings).zone
        told = [
            {"household": household, "asked_on": (EPOCH + timedelta(zone.day_of(at))).isoformat()}
            for household, at in oldest
        ]
        return {"waiting": told, **aside(asides)}
