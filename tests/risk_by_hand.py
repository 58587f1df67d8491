"""Changes to the rules devised by people, each of which a unit test must notice, and a page of the book.

    python -m tests.risk_by_hand [--by-the-book] [FOLDER]        (a part of `make mutants`)

A tool changes what stands; a person thinks of the rule that is forgotten, or applied to the wrong thing.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.risk_mutants import BY_TESTS, BY_THE_BOOK, stage


class Change(NamedTuple):
    """What is changed: in which module, from what to what."""

    what: str
    module: str
    stands: str
    instead: str


CHANGES = [
    Change("growth is not capped", "score", "* min(grown, policy.months_cap) * share", "* grown * share"),
    Change("growth is not scaled by a plan", "score", "min(grown, policy.months_cap) * share // HUNDREDTHS",
           "min(grown, policy.months_cap)"),
    Change("only the last contract's handover counts", "score", "handover or position.handover",
           "position.handover"),
    Change("only the last contract threatens", "score", "threatening or threatens(position, today)",
           "threatens(position, today)"),
    Change("months behind are not summed", "score", "behind += unpaid", "behind = unpaid"),
    Change("arrears are not capped", "score", "counted = min(unpaid, policy.months_cap)", "counted = unpaid"),
    Change("the furthest date counts", "score", "date < crisis_on)", "date > crisis_on)"),
    Change("a date that passed counts", "score", "date >= today and ", ""),
    Change("one creditor's two contracts are breadth", "score", "len(creditors), threatening",
           "len(standing), threatening"),
    Change("the look-back is a month short", "score", "newest - policy.look_back_months <= month",
           "newest - policy.look_back_months < month"),
    Change("lowered_on is renewed by every risk", "ranking", "today if ORDER[band] < ORDER[row.band] else",
           "today if ORDER[band] <= ORDER[row.band] else"),
    Change("hysteresis against the overruled band", "ranking", "band_of(risk, row.points_band or row.band,",
           "band_of(risk, row.band,"),
    Change("slowness against the overruled band", "ranking", "told = row.points_band or row.band",
           "told = row.band"),
    Change("a band is left at its enter", "ranking",
           "threshold.leave if ORDER[band] <= ORDER[told] else threshold.enter", "threshold.enter"),
    Change("the deadline restarts with each risk", "ranking",
           "if row.listed_on is not None:\n        return", "if False:\n        return"),
    Change("a threat's day is renewed", "ranking",
           "today if row.threatened_on is None else row.threatened_on", "today"),
    Change("a talk is due after what ends", "ranking", "on = min(on, risk.crisis_on)", "on = on"),
    Change("the oldest months are kept", "signalled", "[-MONTHS_KEPT:]", "[:MONTHS_KEPT]"),
    Change("good news counts as a month", "signalled", "if asks and fault is None:", "if fault is None:"),
    Change("a refused signal deletes what stood", "signalled",
           "if fault is not None and fault is not Reason.RESIDENT_REFUSED:", "if False:"),
    Change("an overrule ends a day early", "household", "row.overrule.until < today",
           "row.overrule.until <= today"),
    Change("an unknown offer is taken as made", "lawful", 'not in ("NOT_OFFERED", "UNKNOWN")',
           '!= "NOT_OFFERED"'),
    Change("a wish does not go before limits", "lawful", "or wished(signal):", "or False:"),
    Change("too few days though something threatens", "lawful",
           "days < rules.from_days and signal.crisis_kind is None", "days < rules.from_days"),
    Change("the ground ends a day early", "lawful", "reported_on > rules.ground_until",
           "reported_on >= rules.ground_until"),
    Change("reminders have no bound", "intake",
           'effort is not None and not 0 <= effort["written_reminders"] <= MOST_REMINDERS', "False"),
    Change("a bill has no bound above", "intake", "not 0 < bill <= LARGEST_AMOUNT_CENTS", "not 0 < bill"),
    Change("a bill has no bound below", "intake", "not 0 < bill <= LARGEST_AMOUNT_CENTS",
           "not bill <= LARGEST_AMOUNT_CENTS"),
    Change("a crisis date has no bound above", "intake",
           "not EARLIEST_DAY <= crisis_on <= reported_on + LATEST_DAYS_AHEAD",
           "not EARLIEST_DAY <= crisis_on"),
    Change("a crisis date has no bound below", "intake",
           "not EARLIEST_DAY <= crisis_on <= reported_on + LATEST_DAYS_AHEAD",
           "not crisis_on <= reported_on + LATEST_DAYS_AHEAD"),
    Change("the older of two versions stands", "positions", "if is_newer(position, standing) else",
           "if not is_newer(position, standing) else"),
    Change("growth is measured from the last amount", "positions",
           "return min((one.first_version, one.first_cents), (other.first_version, other.first_cents))",
           "return max((one.first_version, one.first_cents), (other.first_version, other.first_cents))"),
    Change("equal arrears are no repeat", "positions", "position.amount_cents <= position.handled_cents",
           "position.amount_cents < position.handled_cents"),
    Change("a wish is a repeat", "positions", "or (position.handover and not standing.handover)", "or False"),
    Change("who agreed is a repeat", "positions", "or (position.agreed and not standing.agreed)", "or False"),
    Change("what comes nearer is a repeat", "positions", "or _is_nearer(position, standing)", "or False"),
    Change("what is set anew is a repeat", "positions", "or before <= position.reported_at // DAY_MS",
           "or False"),
    Change("a signal is valid a day longer", "positions", "today < policy.zone.day_of(position.reported_at)",
           "today <= policy.zone.day_of(position.reported_at)"),
    Change("a result is of the whole household", "found",
           "return position.signal_id in outcome.signals", "return True"),
    Change("a late result is of what was reported since", "found",
           "return policy.zone.day_of(stood_since(position)) <= on", "return True"),
    Change("what was reported on the day of a result is not in it", "found",
           "policy.zone.day_of(stood_since(position)) <= on",
           "policy.zone.day_of(stood_since(position)) < on"),
    Change("a late result is quiet for longer", "found", "handled_until=on + rules.quiet_days",
           "handled_until=policy.zone.day_of(position.reported_at) + rules.quiet_days"),
    Change("a late result pauses for longer", "found", "pause_until = on +",
           "pause_until = policy.zone.day_of(row.at) +"),
    Change("a late result ends a newer pick-up", "found", "and row.picked_up_on > on else None",
           "and False else None"),
    Change("who stays behind is silenced", "found",
           "if meaning.about_a_person:\n        return _of", "if False:\n        return _of"),
    Change("the newest talk is forgotten", "found", "max(on, row.reached_on)", "min(on, row.reached_on)"),
    Change("an objection does not come along", "people",
           "if objections.leaves(row, departure, event.at) and departure.household",
           "if False and departure.household"),
    Change("a departed tenant's months stay", "people", "        months=(),\n", ""),
    Change("a departed tenant's decision stays", "people",
           "months=(),\n        overrule=row.overrule "
           "if row.overruled_at is not None and row.overruled_at > at else None",
           "months=(),\n        overrule=row.overrule"),
    Change("who died is forgotten too soon", "found",
           'replace(closed(signal_of(position), "WITHDRAWN"), handled_until=known_until)',
           'closed(signal_of(position), "WITHDRAWN")'),
    Change("a death ends what threatens who stays", "found", "meaning.others_stay and not outcome.signals",
           "False"),
    Change("each attempt is a pick-up", "found", "if row.picked_up_on is not None:\n", "if False:\n"),
    Change("a pick-up outlives its case", "household",
           "if not assessment.open_positions and event.outcome is None:", "if False:"),
    Change("a ground ends without a word", "ageing", "tuple(answers))", "())"),
    Change("an older result that arrives later holds", "found",
           "return (at, precedence(result)) > (known_at, precedence(known))", "return True"),
    Change("of one moment the last result to arrive holds", "found",
           "return (at, precedence(result)) > (known_at, precedence(known))", "return at >= known_at"),
    Change("a creditor hears of a result that does not hold", "found",
           "or _is_newer(at, result, position.handled_at, position.handled_by)\n\n\ndef _ended",
           "or True\n\n\ndef _ended"),
    Change("a pick-up that comes after its result stands", "found",
           "if row.handled_at is not None and (on, at)", "if False and (on, at)"),
    Change("the last pick-up to arrive is the newest", "found", "picked_up_on=max(on, row.picked_up_on)",
           "picked_up_on=on"),
    Change("a repeat stands since it was said again", "positions", "since = stood_since(standing)",
           "since = None"),
    Change("what is worse stood since the first word", "positions", "elif _is_worse(newer, older):",
           "elif False:"),
    Change("higher arrears are a repeat", "positions", "newer.amount_cents > older.amount_cents", "False"),
    Change("what a broken quiet was about is forgotten", "positions",
           "handled_at=handled_at,\n        handled_by=handled_by,",
           "handled_at=None,\n        handled_by=None,"),
    Change("the last decision to arrive holds", "household", "or at > row.overruled_at", "or True"),
    Change("the last word on an objection to arrive holds", "objections",
           "if row.objected_at is not None and (at, stands) <= (row.objected_at, row.objected):",
           "if False:"),
    Change("another contract ends an objection", "objections",
           "return replace(row, homes=(home,)) if home is not None and not row.homes else row",
           "return None if home is not None and row.homes and home not in row.homes else row"),
    Change("another contract is not told a clerk", "signalled",
           "barred = objections.doubted(row, signal, policy.zone.day_of(signal.reported_at))", "pass"),
    Change("who leaves puts no objection in doubt", "objections",
           "return row if left is None else replace(row, in_doubt_since=_doubt(row, today))", "return row"),
    Change("a payment ends all that is read alike", "positions", "if end.contract in alike:", "if False:"),
    Change("a payment under another spelling ends nothing", "positions",
           "if read not in alike and len(alike) == 1:", "if False:"),
    Change("an objection is forgotten by time", "ageing", "if row.objected:\n        return None",
           "if False:\n        return None"),
]  # fmt: skip


def is_noticed(folder: Path, change: Change, tests: str) -> bool:
    """Return whether some of `tests` fails on the rules with `change`."""
    module = folder / "eropaf" / "risk" / f"{change.module}.py"
    rules = module.read_text("utf-8")
    if rules.count(change.stands) != 1:
        raise SystemExit(f"{change.what}: {change.module}.py does not hold once: {change.stands}")
    module.write_text(rules.replace(change.stands, change.instead), "utf-8")
    pytest = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "-W",
        "ignore",
        f"tests/{tests}",
    ]
    try:
        return subprocess.run(pytest, cwd=folder, capture_output=True).returncode == 1
    finally:
        module.write_text(rules, "utf-8")


def main(folder: Path, tests: tuple[str, ...]) -> int:
    """Try each change, and print what became of it; exit with 1 where one is not noticed."""
    stage(folder, "score", tests)
    lives = 0
    sys.stdout.write("| change | module | noticed |\n|---|---|---|\n")
    for change in CHANGES:
        noticed = is_noticed(folder, change, tests[0])
        lives += not noticed
        sys.stdout.write(f"| {change.what} | `{change.module}` | {'yes' if noticed else '**no**'} |\n")
        sys.stdout.flush()
    return 1 if lives else 0


if __name__ == "__main__":
    given = [word for word in sys.argv[1:] if word != "--by-the-book"]
    judges = BY_THE_BOOK if len(given) < len(sys.argv) - 1 else BY_TESTS
    with tempfile.TemporaryDirectory() as made:
        sys.exit(main(Path(given[0] if given else made), judges))
