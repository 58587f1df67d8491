"""The tables that the book has, by their columns: each is run by one test."""

from __future__ import annotations

STORY = ("on", "what happens", "points", "band", "talk due by", "creditors hear")
TOLD = ("on", "what happens", "outreach is told")
EXPLAINED = ("on", "what happens", "the resident reads", "in English")
COUNTED = ("on", "what happens", "contracts", "creditors", "months", "threatens", "nearest date", "it is")
SLIPS = ("on", "what happens", "contact details that go")
KEPT = ("on", "what happens", "is kept")
ASKED = ("on", "what happens", "creditors are asked")
HISTORY = ("on", "at", "what happens", "outreach is told", "creditors hear")
# Holds for the tables below it, to the end of its section.
CHANGED = ("in the policy", "becomes")

DOOR = ("field", "holds", "outcome")
DUTY = ("kind of creditor", "(a)", "(b)", "(c)", "(d)")
REFUSED = ("refused at the door for", "the creditor hears")
SOURCE = ("refused for", "a creditor of", "the rule stands in")
ANSWER = ("the creditor hears", "with a reason", "it is")
REGISTER = ("what is said of one resident", "what follows")
REPORT = ("an outreach tool reports", "it is")
DEADLINE = ("from", "first talk", "where something threatens")
RESULT = ("result", "the creditor hears", "the same arrears count again on")
POLICY_TEXT = ("in the policy", "becomes", "and is refused")
AT_ONCE = ("what happens", "sealed without", "the resident reads", "in English")
PURPOSE = ("it is opened for", "because")
MANY = ("contracts", "each named in", "are listed", "threats", "the rest")
LEDGER = ("words on one objection, as they came", "a ledger keeps")
CROWD = ("is known already", "comes", "what follows")
DAY = ("moment, in UTC", "where", "is of", "which begins, in UTC, at")
MONTH = ("month", "first day", "last day")
SLICES = ("households", "parts", "each hears it")

KINDS = (
    STORY, TOLD, EXPLAINED, COUNTED, SLIPS, KEPT, ASKED, HISTORY, CHANGED, DOOR, DUTY, REFUSED, SOURCE,
    ANSWER, REGISTER, REPORT, DEADLINE, RESULT, POLICY_TEXT, AT_ONCE, PURPOSE, MANY, LEDGER, CROWD, SLICES,
    DAY, MONTH,
)  # fmt: skip
