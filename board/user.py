"""The board's users and their rights."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person does here."""

    OUTREACH = "outreach"  # goes to households of the own areas
    LEAD = "lead"  # sees the whole team's work, and hands households over
    AUDITOR = "auditor"  # opens why, with a purpose; sees who opened and who overruled
    CLERK = "clerk"  # acts for a resident, by the command line; and decides over a household's band
    OPERATOR = "operator"  # sees how the board is doing, and no household


# Who goes to households.
TEAM = (Role.OUTREACH, Role.LEAD)
# Who works at the desk.
OF_THE_DESK = (Role.AUDITOR, Role.CLERK)
# Where those begin who do not begin at the list.
BEGINS = {Role.AUDITOR: "/why", Role.CLERK: "/command-line", Role.OPERATOR: "/state"}

AREA = re.compile("[0-9]{4}")
EVERY_AREA = "*"
EVERYWHERE = frozenset({EVERY_AREA})


@dataclass(frozen=True, slots=True)
class User:
    """A person with one role. `areas` are four digits each, or `*` for every area; empty: no area."""

    id: str
    name: str
    role: Role
    areas: frozenset[str]

    def sees(self, area: str) -> bool:
        """Return whether households of `area` are shown to this person."""
        return sees(self.areas, area)


def sees(areas: frozenset[str], area: str) -> bool:
    """Return whether `area` is among `areas`."""
    return EVERY_AREA in areas or area in areas
