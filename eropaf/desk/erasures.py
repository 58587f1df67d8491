"""What residents ask to have erased, until a person decides: the law lets a municipality refuse.

Source: GDPR art. 17(3)(b); within a month, art. 12(3). Whoever is refused hears why, art. 12(4).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from eropaf.board.explaining import Asking
from eropaf.board.user import Role
from eropaf.cluster.policy_held import in_force
from eropaf.cluster.readable import records
from eropaf.desk.deeds import Answer, Deed, OfResident, aside, held_of, in_register
from eropaf.desk.opening import ERASURE, ERASURE_ASKED, ERASURE_REFUSED, leave_trace
from eropaf.desk.whom import residents_at
from eropaf.risk.calendar import EPOCH
from eropaf.risk.purpose import Purpose
from eropaf.settings import Settings
from eropaf_client.errors import ClientError
from eropaf_client.schemas.aside import Asides
from eropaf_client.schemas.topics import AUDIT

DECIDED = (ERASURE, ERASURE_REFUSED)


class NothingKept(ClientError):
    """Nothing is kept that could be erased. Nothing was done."""

    code = "nothing-kept"


class AskErasure(OfResident):
    """Ask for the erasure of a household: a person decides."""

    name = ERASURE_ASKED
    role = Role.CLERK

    def do(self, settings: Settings, asking: Asking) -> Answer:
        """Leave a trace of it, and nothing else.

        Raises:
            NothingKept: there is nothing to decide.

        """
        asides = Asides()
        household, address = self.whom(settings, asking, asides)
        residents = residents_at(settings, self.who, address, asides)
        if not (any(held_of(settings, household)) or in_register(settings, residents)):
            raise NothingKept("nothing is kept that could be erased")
        leave_trace(settings, asking.who, household, self.name, Purpose.RESIDENT_ASKED)
        return aside(asides)


class RefuseErasure(OfResident):
    """Refuse to erase a household."""

    name = ERASURE_REFUSED
    role = Role.CLERK

    def do(self, settings: Settings, asking: Asking) -> Answer:
        """Leave a trace of it, and nothing else."""
        asides = Asides()
        household, _ = self.whom_if_known(settings, asking, asides)
        leave_trace(settings, asking.who, household, self.name, Purpose.RESIDENT_ASKED)
        return aside(asides)


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
