"""Who there is: each role is a principal of the cluster, and the table of topics says what it may do."""

from __future__ import annotations

WORKER = "worker"
"""The agents."""
OUTREACH = "outreach"
"""Outreach tools."""
BOARD = "board"
"""The outreach team's board: what a tool does, and it shows the team what came of its own visits."""
REGISTER = "register"
"""Who loads the municipality's register of residents."""
OPERATOR = "operator"
"""Who makes topics and looks at what was rejected."""
REPLAYER = "replayer"
"""Who sends what was set aside back to where it came from (`eropaf replay`)."""
CLERK = "clerk"
"""Who acts for a resident: objection, access, erasure (`eropaf resident`), and `eropaf overrule`."""
AUDITOR = "auditor"
"""Who may open an explanation, and leaves a trace."""
SUPERVISOR = "supervisor"
"""Who reads those traces."""
DESK = "desk"
"""The auditors' board: opens explanations, leaves traces and shows them. It cannot claim or register."""
MONITOR = "monitor"
"""What watches the cluster: sees that topics and groups are there and how far behind, and no record."""


def of_creditor(creditor: str) -> str:
    """Name the role of one creditor."""
    return f"creditor-{creditor}"
