"""Applies what outreach found: who is picked up, and how a case ends for each of its creditors."""

from __future__ import annotations

from dataclasses import replace

from eropaf.risk.changed import Changed, told
from eropaf.risk.events import EpochDay, Outcome
from eropaf.risk.feedback import Answer
from eropaf.risk.outcomes import PAUSE, RESULTS, Meaning
from eropaf.risk.people import of_the_next
from eropaf.risk.policy import Policy
from eropaf.risk.positions import closed, is_ahead, is_open, signal_of
from eropaf.risk.records import HouseholdEvent
from eropaf.risk.refusal import Reason, Refused
from eropaf.risk.rows import HouseholdRow, Position
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
    standing = [position for position in row.positions if is_open(position)]
    if outcome.result is not None:
        on = policy.zone.day_of(event.at)
        about = [each for each in standing if _is_about(outcome, on, each, policy)]
        return _handled(row, about, outcome, on, policy)
    if outcome.picked_up_on is None:
        return Changed(row)
    after = replace(row, picked_up_on=outcome.picked_up_on)
    # Each attempt says when the case was picked up; creditors hear it once.
    unheard = standing if row.picked_up_on is None else []
    return Changed(after, tuple([told(position, "PICKED_UP") for position in unheard]))


def _reached_on(
    row: HouseholdRow, event: HouseholdEvent, outcome: Outcome, policy: Policy
) -> EpochDay | None:
    """Return the newest day on which outreach spoke with somebody, never after it was reported."""
    attempt = outcome.attempt
    if attempt is None or not attempt.reached:
        return row.reached_on
    on = min(attempt.on, policy.zone.day_of(event.at))
    return on if row.reached_on is None else max(on, row.reached_on)


def _is_about(outcome: Outcome, on: EpochDay, position: Position, policy: Policy) -> bool:
    """Return whether a result of day `on` is about `position`: what it names, or else all that stood then.

    A result may come days after the visit, from a phone without a line. What was reported meanwhile nobody
    has looked at. By the day, since many creditors report without an hour.
    """
    if outcome.signals:
        return position.signal_id in outcome.signals
    return policy.zone.day_of(position.reported_at) <= on


def _handled(
    row: HouseholdRow, about: list[Position], outcome: Outcome, on: EpochDay, policy: Policy
) -> Changed:
    """End the case of some arrears, as they stand, on the day of its result: each creditor hears.

    Who died, or lives elsewhere, ends what was signalled up to then. The arrears of who stays behind
    count as soon as their creditor says anything newer (DDAS 1.2, "Inwoner is overleden"); what threatens
    them counts on, unless the result names what it is about.
    """
    result = outcome.result or ""
    meaning, rules = RESULTS[result], policy.results[result]
    pause_until = on + policy.collection_pause_days if meaning.collection == PAUSE else None
    ends = [each for each in about if not _threatens_others(each, outcome, meaning, on)]
    contracts = {(position.creditor, position.contract) for position in ends}
    positions = []
    for position in row.positions:
        if (position.creditor, position.contract) not in contracts:
            positions.append(position)
        elif meaning.about_a_person:
            ended = closed(signal_of(position), "WITHDRAWN")
            positions.append(replace(ended, handled_until=on + rules.retention_days))
        else:
            cents = LARGEST_AMOUNT_CENTS if meaning.grows_unheeded else position.amount_cents
            positions.append(replace(position, handled_cents=cents, handled_until=on + rules.quiet_days))
    answers = [_closing(position, meaning, pause_until) for position in about]
    # Who was picked up after that day is so for what came after it.
    picked_up_on = row.picked_up_on if row.picked_up_on is not None and row.picked_up_on > on else None
    after = replace(row, positions=tuple(positions), picked_up_on=picked_up_on, handled_by=result)
    return Changed(of_the_next(after) if meaning.about_a_person else after, tuple(answers))


def _threatens_others(position: Position, outcome: Outcome, meaning: Meaning, on: EpochDay) -> bool:
    """Return whether arrears stand on for who stays behind: who was at the door names no signals."""
    return meaning.others_stay and not outcome.signals and is_ahead(position, on)


def _closing(position: Position, meaning: Meaning, pause_until: EpochDay | None) -> Answer:
    return Answer(
        position.creditor,
        position.contract,
        position.signal_id,
        meaning.status,
        None,
        meaning.collection,
        pause_until,
    )
