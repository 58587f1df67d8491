"""Who there is: each role is a principal of the cluster, and the table of topics says what it may do."""

from __future__ import annotations

WORKER = "worker"
"""The agents."""
OUTREACH = "outreach"
"""Outreach tools."""
BOARD = "board"
"""The outreach team's board: what a tool does, and it shows the team what came of its own visits."""
GATEWAY = "gateway"
"""What serves creditors and outreach tools over HTTP: it writes what they say, in their names."""
WEBHOOKS = "webhooks"
"""What tells outreach tools of updates: it reads those, and writes nothing."""
CASES = "cases"
"""What hands accepted help on: it reads outcomes and addresses, and writes nothing."""
LOGBOEK = "logboek"
"""What tells the processing log what was done: it reads where that stands, and writes nothing."""
REGISTER = "register"
"""Who loads the municipality's register of residents."""
LOOKUP = "lookup"
"""What asks the national register of persons who is where, for signals that wait."""
FORWARDING = "forwarding"
"""What sends signals on to the municipality in which their resident is registered."""
OPERATOR = "operator"
"""Who makes topics and looks at what was rejected."""
REPLAYER = "replayer"
"""Who sends what was set aside back to where it came from (`eropaf replay`)."""
SUPERVISOR = "supervisor"
"""Who reads those traces."""
DESK = "desk"
"""The one service that opens explanations, acts for residents, and writes every trace: no person's own."""
BACKUP = "backup"
"""What takes savepoints and keeps the ledger: reads every topic and writes none."""
RESTORE = "restore"
"""Who puts a savepoint back: writes every topic. Its password is for that hour alone."""
MONITOR = "monitor"
"""What watches the cluster: sees that topics and groups are there and how far behind, and no record."""

RETIRED = ("auditor", "clerk")
"""Earlier roles, which people had themselves: what they could do, the desk does in their name."""

OF_CREDITORS = "creditor-"  # followed by the creditor
OUTBOXES = "outbox-"  # followed by the creditor, and each outbox's own name
APPENDS = "append-"
"""How the transactional ids begin of who appends single events."""


def of_creditor(creditor: str) -> str:
    """Name the role of one creditor."""
    return f"{OF_CREDITORS}{creditor}"


def outboxes(creditor: str) -> str:
    """Return how the groups and transactional ids of a creditor's outboxes begin."""
    return f"{OUTBOXES}{creditor}-"


def is_ours(principal: str) -> bool:
    """Return whether a principal is ours, though in no list any more: a creditor's, or an earlier one.

    What the lists do not give it, it must not have.
    """
    return principal in RETIRED or principal.startswith(OF_CREDITORS)
