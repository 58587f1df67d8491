"""The passing of time: what comes due, what is forgotten, and when time alone next changes something."""

from __future__ import annotations

from eropaf.risk.changed import Changed
from eropaf.risk.events import EpochDay
from eropaf.risk.feedback import Answer
from eropaf.risk.lawful import ASKING, without_ground
from eropaf.risk.people import without_arrears
from eropaf.risk.policy import Policy
from eropaf.risk.positions import is_open, is_repeat
from eropaf.risk.rows import HouseholdRow, Position
from eropaf.risk.score import Assessment
from eropaf.risk.value import replace


def aged(row: HouseholdRow | None, today: EpochDay, policy: Policy) -> Changed:
    """Let time pass: something comes due, another policy is in force, or retention ends.

    What stands and may not be kept under the policy that holds goes, and its creditor hears why, as of what
    it signals from now on.

    The register's facts are not forgotten with the arrears: they last as long as the register says so.
    """
    if row is None:
        return Changed(None)
    due = row.due_on is not None and row.due_on <= today
    if not due and row.policy_version == policy.version:
        return Changed(row)
    rest = without_arrears(row, row.minor_children, policy)
    if not row.sequence:
        return Changed(rest)
    looked_on = today if row.looked_on is None else max(today, row.looked_on)
    gone_on = gone_by(row, policy)
    if gone_on is not None and gone_on <= looked_on:
        return Changed(rest)
    known = [each for each in row.positions if looked_on < _kept_until(each, policy)]
    kept = tuple([each for each in known if without_ground(each.partner_type, policy) is None])
    answers = [_refused(each, policy) for each in known if each not in kept and _waits(each, looked_on)]
    return Changed(replace(row, looked_on=looked_on, positions=kept), tuple(answers))


def _waits(position: Position, today: EpochDay) -> bool:
    """Return whether a creditor waits to hear what became of a signal."""
    return position.kind in ASKING and is_open(position) and not is_repeat(position, today)


def _refused(position: Position, policy: Policy) -> Answer:
    """Return what a creditor hears of a signal that has no ground any more."""
    return Answer(
        position.creditor,
        position.contract,
        position.signal_id,
        "NOT_PICKED_UP_UNJUSTIFIED",
        without_ground(position.partner_type, policy),
    )


def _kept_until(position: Position, policy: Policy) -> EpochDay:
    """Return the day on which one contract is forgotten, whatever the household's other contracts."""
    said_on = policy.zone.day_of(position.reported_at)
    if is_open(position):
        known_until = said_on + max(policy.silent_days, policy.partners[position.partner_type].valid_days)
        return known_until if position.handled_until is None else max(known_until, position.handled_until)
    gone_on = said_on + (policy.withdrawn_days if position.kind == "WITHDRAWN" else policy.paid_days)
    return gone_on if position.handled_until is None else max(gone_on, position.handled_until)


def gone_by(row: HouseholdRow, policy: Policy) -> EpochDay | None:
    """Return the day on which everything about the household is forgotten; None: not by time alone.

    The law names no period; the municipality chooses each (Handreiking Wgs of the AP).
    """
    if row.objected:
        return None
    last = policy.zone.day_of(row.at)
    standing = fresh = settled = False
    known_until = last
    for position in row.positions:
        if is_open(position):
            standing = True
            fresh = fresh or not is_repeat(position, last)
            continue
        settled = settled or position.kind != "WITHDRAWN"
        known_until = max(known_until, position.handled_until or known_until)
    if not standing:
        return max(known_until, last + (policy.paid_days if settled else policy.withdrawn_days))
    rules = None if row.handled_by is None else policy.results.get(row.handled_by)
    if not fresh and rules is not None:
        return last + rules.retention_days
    return last + policy.silent_days


def next_day(
    row: HouseholdRow,
    assessment: Assessment,
    settle_on: EpochDay | None,
    today: EpochDay,
    policy: Policy,
) -> EpochDay | None:
    """Return the next day after `today` on which time alone changes something."""
    gone_on = gone_by(row, policy)
    soonest = None if gone_on is None else max(gone_on, today + 1)
    if row.picked_up_on is not None and not assessment.open_positions:
        soonest = today + 1
    for position in row.positions:
        soonest = _sooner(soonest, position.handled_until, today)
        # Its day may have passed with an event, which forgets nothing.
        soonest = _sooner(soonest, max(_kept_until(position, policy), today + 1), today)
        if is_open(position):
            stale_on = (
                policy.zone.day_of(position.reported_at) + policy.partners[position.partner_type].valid_days
            )
            soonest = _sooner(soonest, stale_on, today)
        if position.crisis_on is not None:
            soonest = _sooner(soonest, position.crisis_on + 1, today)
    if assessment.crisis_on is not None:
        for within_days, _ in policy.nearness:
            # A step of nearness is entered on its day.
            soonest = _sooner(soonest, assessment.crisis_on - within_days, today)
    if row.overrule is not None:
        soonest = _sooner(soonest, row.overrule.until + 1, today)
    return _sooner(soonest, settle_on, today)


def _sooner(soonest: EpochDay | None, day: EpochDay | None, today: EpochDay) -> EpochDay | None:
    """Return the earlier of two days, if `day` is still to come."""
    if day is None or day <= today:
        return soonest
    return day if soonest is None or day < soonest else soonest
