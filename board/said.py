"""A provider's claims about somebody, accepted only if valid: an odd claim admits nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eropaf.board.user import AREA, EVERY_AREA, Role, User

# Claims that the provider's administrator sets for the board.
ROLE = "eropaf_role"
AREAS = "eropaf_areas"
LONGEST_SHOWN_NAME = 100
LONGEST_SUBJECT = 255


@dataclass(frozen=True, slots=True)
class Said:
    """A person, and the provider's name for the session."""

    user: User
    session: str | None


def of_claims(claims: Mapping[str, Any]) -> Said:
    """Return the person described by an ID token's claims.

    A text counts as a list of one. No areas means none: `*`, every area, must be stated.

    Raises:
        ValueError: a claim is missing or invalid; the message names it, not its content.
    """
    sub, session = claims.get("sub"), claims.get("sid")
    if not isinstance(sub, str) or not 0 < len(sub) <= LONGEST_SUBJECT or not sub.isprintable():
        raise ValueError("the claim sub is not a name")
    if session is not None and (not isinstance(session, str) or len(session) > LONGEST_SUBJECT):
        raise ValueError("the claim sid is not a name")
    roles = _texts(claims, ROLE)
    if len(roles) != 1 or roles[0] not in list(Role):
        raise ValueError(f"the claim {ROLE} is not one role that the board knows")
    areas = _texts(claims, AREAS)
    if not all(area == EVERY_AREA or AREA.fullmatch(area) for area in areas):
        raise ValueError(f"the claim {AREAS} is not a list of areas, four digits each")
    named = (claims.get(each) for each in ("name", "preferred_username"))
    name = next((each for each in named if isinstance(each, str) and each.strip()), sub)
    shown = "".join(letter for letter in name if letter.isprintable())[:LONGEST_SHOWN_NAME]
    return Said(User(f"openid:{sub}", shown, Role(roles[0]), frozenset(areas)), session)


def _texts(claims: Mapping[str, Any], name: str) -> list[str]:
    value = claims.get(name)
    if value is None:
        return []
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise ValueError(f"the claim {name} is neither a text nor a list of texts")
    return values
