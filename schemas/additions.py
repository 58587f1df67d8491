"""House number additions that mean the same, for when no address register can be consulted.

docs/reference/addresses.md lists them. In Amsterdam a ground-floor dwelling is H, hs or huis, and one above
it 2, II or 2 hoog, possibly with its side: achter or voor.
"""

from __future__ import annotations

import re

GROUND_FLOOR = frozenset({"H", "HS", "HUIS"})
FLOORS = {
    "I": "1",
    "II": "2",
    "III": "3",
    "IV": "4",
    "EERSTE": "1",
    "TWEEDE": "2",
    "DERDE": "3",
    "VIERDE": "4",
}
# A floor in digits, Roman or in words; perhaps the word for it; perhaps which side.
UPSTAIRS = re.compile(
    r"([1-9]|I{1,3}|IV|EERSTE|TWEEDE|DERDE|VIERDE)(?:E|DE)?(?:HOOG|ETAGE|VERDIEPING)?(ACHTER|VOOR)?"
)
SIDES = {"ACHTER": "A", "VOOR": "V", None: ""}


def addition_of(behind: str, own: str) -> str:
    """Return the canonical spelling of an addition: `behind` the number, in its `own` field, or in both.

    Both are in capitals and without separators. Idempotent.
    """
    whole = own if _said(behind) == _said(own) else behind + own
    return _said(whole)


def _said(addition: str) -> str:
    if addition in GROUND_FLOOR:
        return "HS"
    found = UPSTAIRS.fullmatch(addition)
    # A single E may be a letter: 2E is no second floor.
    if found is None or re.fullmatch("[1-9]E", addition):
        return addition
    return FLOORS.get(found[1], found[1]) + SIDES[found[2]]
