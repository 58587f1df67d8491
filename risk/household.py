"""A household's state, and how an event changes it."""

from __future__ import annotations

from eropaf.risk import erasures, objections
from eropaf.risk.ageing import aged, next_day
from eropaf.risk.calendar import is_possible, is_possible_day
from eropaf.risk.changed import Changed
from eropaf.risk.events import LONGEST_OVERRULE_DAYS, Overrule
from eropaf.risk.feedback import Answer
from eropaf.risk.found import found
from eropaf.risk.outcomes import accepted
from eropaf.risk.people import departed, erased, objected, registered
from eropaf.risk.policy import Policy
from eropaf.risk.positions import CLOSED, is_open, is_repeat, is_valid
from eropaf.risk.records import EpochDay, EpochMs, HouseholdEvent
from eropaf.risk.refusal import Reason, Refused
from eropaf.risk.rows import HouseholdRow
from eropaf.risk.score import Assessment, assess
from eropaf.risk.signalled import signalled
from eropaf.risk.still_open import Question, asked
from eropaf.risk.told import HouseholdRisk, new_risk
from eropaf.risk.value import replace, value


@value(frozen=True, slots=True)
class Folded:
    """The row after an event, and its consequences.

    `row` is None if nothing is kept, and the same object if nothing changed. `risk` is to be sent; None:
    nothing to send. `answers` go to the creditors. `assessment` explains the risk; None: nothing to explain.
    `onward` are events for other households, `questions` are for creditors. A household whose
    risk is FORGOTTEN leaves every list; a remaining row holds only objections, the register's facts, and
    when it was erased.
    """

    row: HouseholdRow | None
    risk: HouseholdRisk | None
    answers: tuple[Answer, ...] = ()
    assessment: Assessment | None = None
    onward: tuple[HouseholdEvent, ...] = ()
    questions: tuple[Question, ...] = ()


def fold(row: HouseholdRow | None, event: HouseholdEvent, policy: Policy) -> Folded:
    """Apply one event. An event without news returns the same row and no risk.

    Raises:
        Refused: the event cannot be used; the reason says why.

    """
    check_when(event)
    if (row is None or row.erased_at is None) and event.erasure_requested_on is None:
        return _folded(row, event, policy)
    if row is not None and erasures.bars(row, event, policy):
        return Folded(row, None, erasures.answers(event.signal))
    known = None if row is None or erasures.is_moment_alone(row) else row
    folded = _folded(known, event, policy)
    return replace(folded, row=erasures.remembered(row, folded.row, event, policy))


def _folded(row: HouseholdRow | None, event: HouseholdEvent, policy: Policy) -> Folded:
    if event.asks_still_open:
        asking, questions = asked(row, event.at, policy)
        return Folded(asking, None, questions=questions)
    changed = _changed(row, event, policy)
    after = changed.row
    if after is row:
        return Folded(row, None, changed.answers)
    forgets = event.erasure_requested_on is not None and after is not None and not after.positions
    if after is None or forgets or not (after.sequence or after.positions or after.objected):
        rest = after if after is not None and (after.minor_children or objections.stand(after)) else None
        return Folded(rest, _farewell(row, event, policy), changed.answers, None, changed.onward)
    return _assessed(after, event, changed, policy)


def check_when(event: HouseholdEvent) -> None:
    """Check when an event happened, or of which day it tells: the household's newest moment never goes back.

    Whoever let the event in has checked it; this is for what an earlier version let in.

    Raises:
        Refused: it is one that no calendar, or no row, could hold.

    """
    if not (is_possible(event.at) if event.tick is None else is_possible_day(event.tick.on)):
        raise Refused(Reason.IMPOSSIBLE_DATE, "the event is of before 1990 or after 2099")


def _changed(row: HouseholdRow | None, event: HouseholdEvent, policy: Policy) -> Changed:
    if event.signal is not None:
        return signalled(row, event, event.signal, policy)
    if event.objection_stands is not None:
        return objected(row, event, event.objection_stands, event.objector)
    if event.minor_children is not None:
        return registered(row, event, event.minor_children, policy)
    if event.tick is not None:
        return aged(row, event.tick.on, policy)
    if event.departure is not None:
        return departed(row, event, event.departure, policy)
    if event.erasure_requested_on is not None:
        return erased(row, event, policy)
    if event.outcome is None and event.overrule is None:
        raise Refused(Reason.UNKNOWN_EVENT, "the event's kind is unknown to this version")
    if row is None or not row.sequence:
        raise Refused(Reason.UNKNOWN_HOUSEHOLD, "nothing is kept about this household")
    if event.outcome is not None:
        return found(row, event, event.outcome, policy)
    return _overruled(row, event, event.overrule, policy)


def _overruled(
    row: HouseholdRow, event: HouseholdEvent, overrule: Overrule | None, policy: Policy
) -> Changed:
    """Apply a worker's decision, unless its last day is impossible: then the earlier one stays in force.

    So does a newer one that arrived first; of two of one moment the one that puts the household higher.
    """
    today = policy.zone.day_of(event.at)
    if overrule is not None and not today <= overrule.until <= today + LONGEST_OVERRULE_DAYS:
        raise Refused(
            Reason.IMPOSSIBLE_DATE,
            f"overrule.until is before the decision, or more than {LONGEST_OVERRULE_DAYS} days after it",
        )
    if overrule is None or not _decides(row, event.at, overrule):
        return Changed(row)
    return Changed(replace(row, overrule=overrule, overruled_at=event.at, at=max(row.at, event.at)))


def _decides(row: HouseholdRow, at: EpochMs, overrule: Overrule) -> bool:
    """Return whether a decision holds beside the newest that is known, which may have ended since."""
    if row.overruled_at is None or at != row.overruled_at:
        return row.overruled_at is None or at > row.overruled_at
    return row.overrule is not None and overrule.outweighs(row.overrule)


def _assessed(row: HouseholdRow, event: HouseholdEvent, changed: Changed, policy: Policy) -> Folded:
    now = _now(row, policy)
    today = policy.zone.day_of(now)
    if row.overrule is not None and row.overrule.until < today:
        row = replace(row, overrule=None)
    minor_children = row.minor_children if policy.minor_children else ()
    assessment = assess(row.positions, row.months, today, policy, bool(minor_children))
    if not assessment.open_positions and event.outcome is None:
        # Nobody's case any more. What outreach says may arrive in any order: it is over by the next day.
        row = row if row.picked_up_on is None else replace(row, picked_up_on=None)
    settle_on = None
    if assessment.open_positions and policy.days_between_lowerings and event.tick is None:
        settle_on = today + policy.days_between_lowerings
    elif row.settle_on is not None and row.settle_on > today:
        settle_on = row.settle_on
    after = replace(
        row,
        sequence=row.sequence + 1,
        due_on=next_day(row, assessment, settle_on, today, policy),
        settle_on=settle_on,
        policy_version=policy.version,
        minor_children=minor_children,
    )
    ended = "OPEN" if assessment.open_positions else ended_by(after, today, policy)
    return Folded(
        after,
        _risk(after, event.household, assessment, now, ended),
        changed.answers,
        assessment,
        changed.onward,
    )


def _risk(
    row: HouseholdRow, household: str, assessment: Assessment, now: EpochMs, ended: str
) -> HouseholdRisk:
    return new_risk(
        household=household,
        sequence=row.sequence,
        address=row.address,
        score=assessment.score,
        open_positions=assessment.open_positions,
        creditors=assessment.creditors,
        months_behind=assessment.months_behind,
        threatening=assessment.threatening,
        crisis_on=assessment.crisis_on,
        ended_by=ended,
        policy_version=row.policy_version,
        at=now,
        overrule=None if row.overrule is None else row.overrule.kind,
        reached_on=row.reached_on,
    )


def _farewell(row: HouseholdRow | None, event: HouseholdEvent, policy: Policy) -> HouseholdRisk | None:
    """Return the final risk of a forgotten household; None if none was ever sent."""
    if row is None or not row.sequence:
        return None
    at = event.at if event.tick is None else policy.zone.start_of(event.tick.on)
    now = max(_now(row, policy), at)
    return new_risk(
        household=event.household,
        sequence=row.sequence + 1,
        address=row.address,
        score=0,
        open_positions=0,
        creditors=0,
        months_behind=0,
        threatening=False,
        crisis_on=None,
        ended_by="FORGOTTEN",
        policy_version=policy.version,
        at=now,
    )


def _now(row: HouseholdRow, policy: Policy) -> EpochMs:
    """Return a household's current time: that of its newest event, or later if time has passed."""
    if row.looked_on is None:
        return row.at
    return max(row.at, policy.zone.start_of(row.looked_on))


def ended_by(row: HouseholdRow, today: EpochDay, policy: Policy) -> str:
    """Return why no position counts. One with no amount left counts as paid."""
    if row.objected or (row.objectors and not row.positions):
        return "OBJECTED"
    standing = [position for position in row.positions if is_open(position)]
    if any([is_repeat(position, today) for position in standing]):
        return "PAUSED" if accepted(row.handled_by) else "HANDLED"
    if any([position.kind == "PLAN_AGREED" for position in standing]):
        return "PLANNED"
    if standing:
        valid = any([is_valid(position, today, policy) for position in standing])
        return "BELOW_MINIMUM" if valid else "SILENT"
    if not row.positions:
        return "WITHDRAWN"
    last = max(
        row.positions, key=lambda position: (position.reported_at, position.version, position.signal_id)
    )
    return last.kind if last.kind in CLOSED else "PAID"
