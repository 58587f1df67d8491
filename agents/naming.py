"""Names that a creditor and a flow may have: whatever begins with one, nobody else has a right to.

What its owner alone can finish, a group or a transactional id, is granted by its beginning: a broker knows no
ends of names. So no name may be the beginning of another (ADR 20).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from eropaf.agents.roles import (
    APPENDS,
    BACKUP,
    BOARD,
    DESK,
    MONITOR,
    OF_CREDITORS,
    OUTBOXES,
    OUTREACH,
    REGISTER,
    REPLAYER,
    RESTORE,
    SUPERVISOR,
)

# What Kafka lets a topic be named, with room for the words before it.
CREDITOR = re.compile(r"[A-Za-z0-9._-]{1,200}")
# Readers name groups of their own after their role.
READERS = (OUTREACH, BOARD, REGISTER, REPLAYER, SUPERVISOR, DESK, BACKUP, RESTORE, MONITOR)
TAKEN = (OF_CREDITORS, OUTBOXES, APPENDS, *(f"{role}-" for role in READERS))


def check_creditors(names: Sequence[str]) -> None:
    """Raise ValueError where names cannot be creditors', or not beside each other."""
    wrong = sorted({name for name in names if CREDITOR.fullmatch(name) is None})
    if wrong:
        raise ValueError(
            f"{', '.join(map(repr, wrong))} cannot be a creditor: a name is letters, digits, dots, "
            "hyphens and underscores, as a topic's is"
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} stands there twice")
    known = set(names)
    for name in names:
        outer = next((begin for begin in _beginnings(name) if begin in known), None)
        if outer is not None:
            raise ValueError(
                f"{name} begins with {outer}-, on which {outer} has rights: it could take over {name}'s "
                f"outboxes. Name it otherwise, such as {name.removeprefix(f'{outer}-')}-{outer}"
            )


def _beginnings(name: str) -> Iterator[str]:
    """Yield what stands before each hyphen of `name`."""
    return (name[:at] for at, letter in enumerate(name) if letter == "-")


def check_group(name: str) -> None:
    """Raise ValueError where others would have a right to what is this group's."""
    taken = next((begin for begin in TAKEN if f"{name}-".startswith(begin)), None)
    if taken is not None:
        raise ValueError(
            f"{name!r} cannot be the group: what begins with {taken} is others'. Name the flow otherwise, "
            "such as eropaf"
        )
