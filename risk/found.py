"""Applies what outreach found: who is picked up, and how a case ends for each of its creditors."""

from __future__ import annotations

from eropaf.risk.changed import Changed, told
from eropaf.risk.events import EpochDay, EpochMs, Outcome
from eropaf.risk.feedback import Answer
from eropaf.risk.outcomes import PAUSE, RESULTS, Meaning, precedence
from eropaf.risk.people import of_the_next
from eropaf.risk.policy import Policy
from eropaf.risk.positions import closed, is_ahead, is_open, signal_of, stood_since
from eropaf.risk.records import HouseholdEvent
from eropaf.risk.refusal import Reason, Refused
from eropaf.risk.rows import HouseholdRow, Position
from eropaf.risk.value import replace
from eropaf_client.schemas.limits import LARGEST_AMOUNT_CENTS

# Ids of outcomes that are kept, so that one which comes twice counts once.
OUTCOMES_KEPT = 16


def found(row: HouseholdRow, event: HouseholdEvent, outcome: Outcome, policy: Policy) -> Changed:
    """Apply what outreach found. An attempt that reached nobody changes nothing: it is only reported."""
    if outcome.result is not None and outcome.result not in RESULTS:
        raise Refused(Reason.UNKNOWN_RESULT, "result is unknown to this version; upgrade, then replay")
    reached_on = _reached_on(row, event, outcome, policy)
    nothing_new = outcome.picked_up_on is None and outcome.result is None and reached_on == row.reached_on
    if outcome.outcome_id in row.outcomes or nothing_new:
        return Changed(row)
    row = replace(
        row,
        at=max(row.at, event.at),
        outcomes=(*row.outcomes, outcome.outcome_id)[-OUTCOMES_KEPT:],
        reached_on=reached_on,
    )
    if outcome.result is not None:
        return _handled(row, event.at, outcome, outcome.result, policy)
    if outcome.picked_up_on is not None:
        # Never after it was reported: a day ahead would outlast the case and its result.
        on = min(outcome.picked_up_on, policy.zone.day_of(event.at))
        return _picked_up(row, event.at, on, policy)
    return Changed(row)


def _reached_on(
    row: HouseholdRow, event: HouseholdEvent, outcome: Outcome, policy: Policy
) -> EpochDay | None:
    """Return the newest day on which outreach spoke with somebody, never after it was reported."""
    attempt = outcome.attempt
    if attempt is None or not attempt.reached:
        return row.reached_on
    on = min(attempt.on, policy.zone.day_of(event.at))
    return on if row.reached_on is None else max(on, row.reached_on)


def _picked_up(row: HouseholdRow, at: EpochMs, on: EpochDay, policy: Policy) -> Changed:
    """Pick up all that stands, unless a result has ended the case since: each creditor hears.

    By the day, and on one day by the moment: a file says the day alone.
    """
    if row.handled_at is not None and (on, at) <= (policy.zone.day_of(row.handled_at), row.handled_at):
        return Changed(row)
    if row.picked_up_on is not None:
        # Each attempt says when the case was picked up; creditors hear it once.
        return Changed(replace(row, picked_up_on=max(on, row.picked_up_on)))
    standing = [position for position in row.positions if is_open(position)]
    return Changed(replace(row, picked_up_on=on), tuple([told(each, "PICKED_UP") for each in standing]))


def _handled(row: HouseholdRow, at: EpochMs, outcome: Outcome, result: str, policy: Policy) -> Changed:
    """End the case of some arrears, as they stand, on the day of its result: each creditor hears.

    Results may arrive in any order. Of each contract the newest holds: an older one that arrives later ends
    nothing of it, and its creditor does not hear it.
    """
    meaning, on = RESULTS[result], policy.zone.day_of(at)
    pause_until = on + policy.collection_pause_days if meaning.collection == PAUSE else None
    positions, answers = [], []
    for position in row.positions:
        after = position
        if _is_about(outcome, on, position, policy):
            after = _ended(position, at, outcome, result, policy)
            if is_open(position) and _is_heard(position, at, result):
                answers.append(_closing(position, meaning, pause_until))
        positions.append(after)
    row = replace(row, positions=tuple(positions))
    if _is_newer(at, result, row.handled_at, row.handled_by):
        # Who was picked up after that day is so for what came after it.
        picked_up_on = row.picked_up_on if row.picked_up_on is not None and row.picked_up_on > on else None
        row = replace(row, picked_up_on=picked_up_on, handled_by=result, handled_at=at)
    return Changed(of_the_next(row, at, on) if meaning.about_a_person else row, tuple(answers))


def _is_newer(at: EpochMs, result: str, known_at: EpochMs | None, known: str | None) -> bool:
    """Return whether a result is newer than the newest known; an earlier version's row knew no moment."""
    if known_at is None or known is None:
        return True
    return (at, precedence(result)) > (known_at, precedence(known))


def _is_about(outcome: Outcome, on: EpochDay, position: Position, policy: Policy) -> bool:
    """Return whether a result of day `on` is about `position`: what it names, or else all that stood then.

    A result may come days after the visit, from a phone without a line. What is worse, and was reported
    meanwhile, nobody has looked at; what only repeats what stood then, somebody has. By the day, since many
    creditors report without an hour.
    """
    if outcome.signals:
        return position.signal_id in outcome.signals
    return policy.zone.day_of(stood_since(position)) <= on


def _is_heard(position: Position, at: EpochMs, result: str) -> bool:
    """Return whether a creditor hears of a result: none that is older than what it heard, unless it ends all.

    Who died, or lives elsewhere, is no stage of a case: it says whose arrears these were.
    """
    return RESULTS[result].about_a_person or _is_newer(at, result, position.handled_at, position.handled_by)


def _ended(position: Position, at: EpochMs, outcome: Outcome, result: str, policy: Policy) -> Position:
    """Return the arrears after a result about them, or the same object where it changes nothing.

    Who died, or lives elsewhere, ends what was signalled up to then, whatever else was found. The arrears of
    who stays behind count as soon as their creditor says anything newer (DDAS 1.2, "Inwoner is overleden");
    what threatens them counts on, unless the result names what it is about.
    """
    meaning, rules, on = RESULTS[result], policy.results[result], policy.zone.day_of(at)
    if meaning.about_a_person:
        return _of_who_is_gone(position, outcome, meaning, on, on + rules.retention_days)
    if not is_open(position) or not _is_newer(at, result, position.handled_at, position.handled_by):
        return position
    return replace(
        position,
        handled_cents=LARGEST_AMOUNT_CENTS if meaning.grows_unheeded else position.amount_cents,
        handled_until=on + rules.quiet_days,
        handled_at=at,
        handled_by=result,
    )


def _of_who_is_gone(
    position: Position, outcome: Outcome, meaning: Meaning, on: EpochDay, known_until: EpochDay
) -> Position:
    """Return a contract that ends with its resident, known for as long as the longest result says."""
    if is_open(position):
        if meaning.others_stay and not outcome.signals and is_ahead(position, on):
            return position
        return replace(closed(signal_of(position), "WITHDRAWN"), handled_until=known_until)
    if position.handled_until is None or position.handled_until >= known_until:
        return position
    return replace(position, handled_until=known_until)


def _closing(position: Position, meaning: Meaning, pause_until: EpochDay | None) -> Answer:
    return Answer(
        creditor=position.creditor,
        contract=position.contract,
        signal_id=position.signal_id,
        status=meaning.status,
        reason=None,
        collection=meaning.collection,
        pause_until=pause_until,
    )
