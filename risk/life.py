"""The life of a household: what each kind of event changes in what is kept of it."""

from __future__ import annotations

from dataclasses import replace

from eropaf.risk import objections
from eropaf.risk.calendar import month_of
from eropaf.risk.events import EpochDay, Outcome
from eropaf.risk.feedback import Answer
from eropaf.risk.frozen import dataclass
from eropaf.risk.lawful import ASKING, too_little, unlawful
from eropaf.risk.outcomes import PAUSE, RESULTS, Meaning
from eropaf.risk.policy import Policy
from eropaf.risk.positions import (
    closed,
    counts,
    is_open,
    is_repeat,
    position_of,
    signal_of,
    with_position,
    without,
)
from eropaf.risk.records import NOWHERE, Address, Departure, HouseholdEvent, MinorChildren, Signal
from eropaf.risk.refusal import Reason, Refused
from eropaf.risk.rows import HouseholdRow, Position
from eropaf.risk.score import Assessment, accepted
from eropaf_client.schemas.limits import LARGEST_AMOUNT_CENTS

# Months of earlier signals that are kept: as many as any policy may look back, and the newest.
MONTHS_KEPT = 25
# Ids of outcomes that are kept, so that one which comes twice counts once.
OUTCOMES_KEPT = 16
# A household has a few contracts; an address with a thousand is an institution, or the office of an
# administrator for many. With the longest texts that intake lets in, as many positions fill 1.9 MB: a
# row must fit into one record of its changelog (2 MiB).
MOST_POSITIONS = 1_000
# Residents whose entries say that minor children live here: beyond these, of a shelter, one more says
# nothing new.
MOST_PARENTS = 100


@dataclass(frozen=True, slots=True)
class Changed:
    """What is kept after an event (None: nothing), what the creditors hear, and what moves on."""

    row: HouseholdRow | None
    answers: tuple[Answer, ...] = ()
    onward: tuple[HouseholdEvent, ...] = ()


def signalled(row: HouseholdRow | None, event: HouseholdEvent, signal: Signal, policy: Policy) -> Changed:
    """Take in what a creditor says of one contract.

    A signal that may not be used is answered, and leaves no trace: what its creditor lawfully said
    before stands. Only a resident's refusal ends that too, and bars what was said before it.
    """
    if event.address is None:
        raise Refused(Reason.UNKNOWN_EVENT, "a signal came without the address that it is for")
    asks = signal.kind in ASKING
    if row is not None and (row.objected or row.objectors):
        barred = objections.barred(row, signal)
        if barred is not None:
            # Nothing of it is kept, and nobody may learn why (DDAS 1.2, "andere reden").
            return Changed(barred, (_answer(signal, "NOT_PICKED_UP_OTHER"),) if asks else ())
        row = objections.of_the_next_tenancy(row, signal)
    fault = unlawful(signal, policy)
    before = () if row is None else row.positions
    if fault is not None and fault is not Reason.RESIDENT_REFUSED:
        return Changed(row, (_answer(signal, "NOT_PICKED_UP_UNJUSTIFIED", fault),))
    position = position_of(signal) if fault is None else closed(signal, "WITHDRAWN")
    positions = with_position(before, position)
    if len(positions) > max(MOST_POSITIONS, len(before)):
        raise Refused(
            Reason.HOUSEHOLD_TOO_LARGE, f"the address has {MOST_POSITIONS} contracts already, and this is new"
        )
    months = () if row is None else row.months
    if asks and fault is None:
        months = _with_month(months, month_of(policy.zone.day_of(signal.reported_at)))
    if row is not None and positions is before and months is row.months and event.at <= row.at:
        return Changed(row)
    after = _with_signals(row, event, positions, months)
    if fault is not None:
        return Changed(after, (_answer(signal, "NOT_PICKED_UP_UNJUSTIFIED", fault),))
    if not asks:
        return Changed(after)
    return Changed(after, (*_unannounced(signal, before), *_heard(signal, after, policy)))


def _unannounced(signal: Signal, before: tuple[Position, ...]) -> tuple[Answer, ...]:
    """Tell a supplier that it announced the end of a delivery without an early signal before it.

    The household is helped all the same. Source: Energieregeling of 2026, by NVVK (26 January 2026):
    always first an early signal, then the end of the delivery.
    """
    if signal.crisis_kind != "END_OF_DELIVERY" or signal.partner_type != "ENERGY":
        return ()
    if any([(each.creditor, each.contract) == (signal.creditor, signal.contract) for each in before]):
        return ()
    return (_answer(signal, "NOT_YET_PICKED_UP", Reason.NO_EARLIER_SIGNAL),)


def _with_signals(
    row: HouseholdRow | None,
    event: HouseholdEvent,
    positions: tuple[Position, ...],
    months: tuple[int, ...],
) -> HouseholdRow:
    # On the path of every signal, so without `replace`.
    if row is None:
        return HouseholdRow(event.address or NOWHERE, event.at, 0, positions, months)
    return HouseholdRow(
        row.address,
        max(row.at, event.at),
        row.sequence,
        positions,
        months,
        row.picked_up_on,
        row.handled_by,
        row.outcomes,
        row.objected,
        row.overrule,
        row.looked_on,
        row.due_on,
        row.settle_on,
        row.policy_version,
        row.minor_children,
        row.reached_on,
        row.objectors,
        row.tenancy,
    )


def _heard(signal: Signal, row: HouseholdRow, policy: Policy) -> tuple[Answer, ...]:
    """Give what a creditor hears at once of a signal that is taken in: often nothing."""
    today = policy.zone.day_of(row.at)
    for position in row.positions:
        if position.signal_id != signal.signal_id or position.creditor != signal.creditor:
            continue
        if is_repeat(position, today):
            return (_answer(signal, "NOT_PICKED_UP_REPEATED"),)
        if _is_too_little(position, row, today, policy):
            return (_answer(signal, "NOT_PICKED_UP_UNJUSTIFIED", Reason.TOO_LITTLE),)
        if row.picked_up_on is not None:
            return (_answer(signal, "PICKED_UP"),)
    return ()


def _is_too_little(position: Position, row: HouseholdRow, today: EpochDay, policy: Policy) -> bool:
    if not counts(position, today, policy):
        return False
    if position.amount_cents >= policy.household_minimum_cents:
        return too_little(position, policy)
    return position not in accepted(row.positions, today, policy)


def found(row: HouseholdRow, event: HouseholdEvent, outcome: Outcome, policy: Policy) -> Changed:
    """Take in what outreach found. An attempt that reached nobody changes nothing: it is for the report."""
    if outcome.result is not None and outcome.result not in RESULTS:
        raise Refused(Reason.UNKNOWN_RESULT, "result is none that this version knows; upgrade and replay")
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
        about = [each for each in standing if not outcome.signals or each.signal_id in outcome.signals]
        return _handled(row, about, outcome.result, policy)
    if outcome.picked_up_on is None:
        return Changed(row)
    after = replace(row, picked_up_on=outcome.picked_up_on)
    return Changed(after, tuple([_told(position, "PICKED_UP") for position in standing]))


def _reached_on(
    row: HouseholdRow, event: HouseholdEvent, outcome: Outcome, policy: Policy
) -> EpochDay | None:
    """Return the newest day on which outreach spoke with somebody: none is after the word of it."""
    attempt = outcome.attempt
    if attempt is None or not attempt.reached:
        return row.reached_on
    on = min(attempt.on, policy.zone.day_of(event.at))
    return on if row.reached_on is None else max(on, row.reached_on)


def _handled(row: HouseholdRow, about: list[Position], result: str, policy: Policy) -> Changed:
    """End the case of some arrears, as they stand: each creditor hears.

    Who died, or lives elsewhere, ends what was signalled up to now. The arrears of who stays behind
    count as soon as their creditor says anything newer (DDAS 1.2, "Inwoner is overleden").
    """
    meaning, rules = RESULTS[result], policy.results[result]
    today = policy.zone.day_of(row.at)
    pause_until = today + policy.collection_pause_days if meaning.collection == PAUSE else None
    places = {(position.creditor, position.contract) for position in about}
    positions = []
    for position in row.positions:
        if (position.creditor, position.contract) not in places:
            positions.append(position)
        elif meaning.about_a_person:
            positions.append(closed(signal_of(position), "WITHDRAWN"))
        else:
            cents = LARGEST_AMOUNT_CENTS if meaning.grows_unheeded else position.amount_cents
            positions.append(replace(position, handled_cents=cents, handled_until=today + rules.quiet_days))
    answers = [_closing(position, meaning, pause_until) for position in about]
    after = replace(row, positions=tuple(positions), picked_up_on=None, handled_by=result)
    return Changed(after, tuple(answers))


def objected(row: HouseholdRow | None, event: HouseholdEvent, stands: bool, objector: str | None) -> Changed:
    """Take in an objection, or that one is taken back (GDPR art. 21): a resident's, or of an address.

    What was known of the arrears that it is about goes; that there is an objection stays, or it could
    not be honoured.
    """
    if row is None:
        if event.address is None:
            raise Refused(Reason.UNKNOWN_HOUSEHOLD, "nothing is kept of this household")
        if not stands:
            return Changed(None)
        objectors = () if objector is None else (objector,)
        objects = HouseholdRow(event.address, event.at, 0, (), objected=objector is None, objectors=objectors)
        return Changed(objects)
    after, gone = objections.taken_in(row, event.at, stands, objector)
    answers = [_told(position, "NOT_PICKED_UP_OTHER") for position in gone if is_open(position)]
    return Changed(after, tuple(answers))


def departed(row: HouseholdRow | None, event: HouseholdEvent, departure: Departure) -> Changed:
    """Take the position of a resident who left away, and with it an objection.

    Who moved inside the municipality takes both along; of who left it, the creditor hears (DDAS 1.2).
    Where nothing stands any more, the months are those of who left, and go.
    """
    if row is None:
        return Changed(None)
    after = objections.without(row, departure)
    arrivals: list[HouseholdEvent] = []
    if after is not row and departure.household is not None:
        arrivals.append(
            HouseholdEvent(
                departure.household,
                f"{event.event_id}/objection",
                event.at,
                departure.address,
                objection_stands=True,
                objector=departure.resident_key,
            )
        )
    creditor, contract = departure.creditor, departure.contract
    gone = [p for p in row.positions if p.creditor == creditor and p.contract == contract]
    if gone:
        positions = without(after.positions, creditor, contract)
        months = after.months if any([is_open(position) for position in positions]) else ()
        after = replace(after, positions=positions, months=months)
    if departure.household is None:
        return Changed(after, tuple([_told(position, "NOT_A_RESIDENT") for position in gone]))
    arrivals += [
        HouseholdEvent(
            departure.household,
            f"{event.event_id}/in",
            position.reported_at,
            departure.address,
            signal_of(position),
        )
        for position in gone
    ]
    return Changed(after, (), tuple(arrivals))


def registered(
    row: HouseholdRow | None, event: HouseholdEvent, children: MinorChildren, policy: Policy
) -> Changed:
    """Take in what the register says of minor children; nothing, where the policy does not count it.

    It has no time of its own: it makes nothing newer, and keeps nothing longer. After an objection
    that is taken back, or under a policy that counts it from now on, the next load of the register
    says it again.
    """
    if event.address is None:
        raise Refused(Reason.UNKNOWN_EVENT, "the register's word came without the address that it is for")
    if not policy.minor_children or (row is not None and row.objected):
        return Changed(row)
    before = () if row is None else row.minor_children
    if children.at_home == (children.resident in before):
        return Changed(row)
    if children.at_home and len(before) >= MOST_PARENTS:
        return Changed(row)
    after = tuple(sorted({*before} ^ {children.resident}))
    if row is not None and (row.sequence or after):
        return Changed(replace(row, minor_children=after))
    return Changed(_rest(event.address, after, () if row is None else row.objectors, policy))


def _rest(
    address: Address, minor_children: tuple[str, ...], objectors: tuple[str, ...], policy: Policy
) -> HouseholdRow | None:
    """Return the row of a household without arrears: what the register says, and who objects."""
    counted = minor_children if policy.minor_children else ()
    if not counted and not objectors:
        return None
    return HouseholdRow(
        address, 0, 0, (), policy_version=policy.version, minor_children=counted, objectors=objectors
    )


def aged(row: HouseholdRow | None, today: EpochDay, policy: Policy) -> Changed:
    """Let time pass: something comes due, another policy holds, or what is kept has had its time.

    What the register says is not forgotten with the arrears: it stands as long as the register says it.
    """
    if row is None:
        return Changed(None)
    due = row.due_on is not None and row.due_on <= today
    if not due and row.policy_version == policy.version:
        return Changed(row)
    rest = _rest(row.address, row.minor_children, row.objectors, policy)
    if not row.sequence:
        return Changed(rest)
    looked_on = today if row.looked_on is None else max(today, row.looked_on)
    gone_on = gone_by(row, policy)
    if gone_on is not None and gone_on <= looked_on:
        return Changed(rest)
    kept = tuple([each for each in row.positions if _is_kept(each, looked_on, policy)])
    return Changed(replace(row, looked_on=looked_on, positions=kept))


def _is_kept(position: Position, today: EpochDay, policy: Policy) -> bool:
    """Say whether one contract may still be known: it has had its time, or its kind has no ground."""
    rules = policy.partners[position.partner_type]
    return rules.accepted and rules.grounded and today < _kept_until(position, policy)


def _kept_until(position: Position, policy: Policy) -> EpochDay:
    """Return the day on which one contract is forgotten, whatever its household's others say."""
    said_on = policy.zone.day_of(position.reported_at)
    if is_open(position):
        known_until = said_on + max(policy.silent_days, policy.partners[position.partner_type].valid_days)
        return known_until if position.handled_until is None else max(known_until, position.handled_until)
    return said_on + (policy.withdrawn_days if position.kind == "WITHDRAWN" else policy.paid_days)


def gone_by(row: HouseholdRow, policy: Policy) -> EpochDay | None:
    """Give the day on which everything of the household is forgotten; None: not by time alone.

    The law names no period; each is the municipality's to choose (Handreiking Wgs of the AP).
    """
    if row.objected:
        return None
    last = policy.zone.day_of(row.at)
    standing = fresh = settled = False
    for position in row.positions:
        if is_open(position):
            standing = True
            fresh = fresh or not is_repeat(position, last)
        elif position.kind != "WITHDRAWN":
            settled = True
    if not standing:
        return last + (policy.paid_days if settled else policy.withdrawn_days)
    if not fresh and row.handled_by is not None:
        return last + policy.results[row.handled_by].retention_days
    return last + policy.silent_days


def next_day(
    row: HouseholdRow,
    assessment: Assessment,
    settle_on: EpochDay | None,
    today: EpochDay,
    policy: Policy,
) -> EpochDay | None:
    """Give the next day after `today` on which time alone changes something."""
    gone_on = gone_by(row, policy)
    soonest = None if gone_on is None else max(gone_on, today + 1)
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
    """Give the sooner of two days, where `day` is still to come."""
    if day is None or day <= today:
        return soonest
    return day if soonest is None or day < soonest else soonest


def _with_month(months: tuple[int, ...], month: int) -> tuple[int, ...]:
    """Give `months` with `month` among them, rising; the same object where it was."""
    if month in months:
        return months
    kept = tuple(sorted((*months, month))[-MONTHS_KEPT:])
    return months if kept == months else kept


def _answer(signal: Signal, status: str, reason: Reason | None = None) -> Answer:
    return Answer(signal.creditor, signal.contract, signal.signal_id, status, reason)


def _told(position: Position, status: str) -> Answer:
    return Answer(position.creditor, position.contract, position.signal_id, status)


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
