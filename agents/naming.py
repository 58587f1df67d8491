"""Names allowed for a creditor and a flow: no name may be the prefix of another.

Rights to groups and transactional ids are granted by prefix: Kafka has no suffix match. If one name were the
    prefix of another, its owner could fence the other's producers (ADR 20).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from eropaf.agents.roles import (
    APPENDS,
    BACKUP,
    BOARD,
    CASES,
    DESK,
    FORWARDING,
    GATEWAY,
    LOGBOEK,
    LOOKUP,
    MONITOR,
    OF_CREDITORS,
    OUTBOXES,
    OUTREACH,
    REGISTER,
    REPLAYER,
    RESTORE,
    SUPERVISOR,
    WEBHOOKS,
)

# Kafka's limit for a topic's name, less the prefix.
CREDITOR = re.compile(r"[A-Za-z0-9._-]{1,200}")
# Readers name their groups after their role.
READERS = (
    OUTREACH, BOARD, GATEWAY, WEBHOOKS, CASES, LOGBOEK, LOOKUP, FORWARDING, REGISTER, REPLAYER,
    SUPERVISOR, DESK, BACKUP, RESTORE, MONITOR,
)  # fmt: skip
TAKEN = (OF_CREDITORS, OUTBOXES, APPENDS, *(f"{role}-" for role in READERS))


def check_creditors(names: Sequence[str]) -> None:
    """Raise ValueError if a name cannot be a creditor's, or two cannot coexist."""
    wrong = sorted({name for name in names if CREDITOR.fullmatch(name) is None})
    if wrong:
        raise ValueError(
            f"{', '.join(map(repr, wrong))} cannot be a creditor: like a topic's, a name consists of "
            "letters, digits, dots, hyphens and underscores"
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} is listed twice")
    known = set(names)
    for name in names:
        outer = next((begin for begin in _beginnings(name) if begin in known), None)
        if outer is not None:
            raise ValueError(
                f"{name} begins with {outer}-, on which {outer} has rights: it could take over {name}'s "
                f"outboxes. Choose another name, such as {name.removeprefix(f'{outer}-')}-{outer}"
            )


def _beginnings(name: str) -> Iterator[str]:
    """Yield the part of `name` before each hyphen."""
    return (name[:at] for at, letter in enumerate(name) if letter == "-")


def check_group(name: str) -> None:
    """Raise ValueError if other principals would have rights to this group's names."""
    taken = next((begin for begin in TAKEN if f"{name}-".startswith(begin)), None)
    if taken is not None:
        raise ValueError(
            f"{name!r} cannot be the group: names that begin with {taken} are reserved. Choose another name, "
            "such as eropaf"
        )
