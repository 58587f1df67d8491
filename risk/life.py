"""The life of a household: what each kind of event changes in what is kept of it."""

from __future__ import annotations

from dataclasses import replace

from eropaf.risk.calendar import month_of
from eropaf.risk.events import EpochDay, Outcome
from eropaf.risk.feedback import Answer
from eropaf.risk.frozen import dataclass
from eropaf.risk.lawful import ASKING, too_little, unlawful
from eropaf.risk.outcomes import PAUSE, RESULTS, Meaning
from eropaf.risk.policy import Policy
from eropaf.risk.positions import closed, is_open, is_repeat, position_of, signal_of, with_position, without
from eropaf.risk.records import DAY_MS, NOWHERE, Address, Departure, HouseholdEvent, MinorChildren, Signal
from eropaf.risk.refusal import Reason, Refused
from eropaf.risk.rows import HouseholdRow, Position
from eropaf.risk.score import Assessment

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
    """Take in what a creditor says of one contract."""
    if event.address is None:
        raise Refused(Reason.UNKNOWN_EVENT, "a signal came without the address that it is for")
    asks = signal.kind in ASKING
    if row is not None and row.objected:
        # Nothing of it is kept, and nobody may learn why (DDAS 1.2, "andere reden").
        return Changed(row, (_answer(signal, "NOT_PICKED_UP_OTHER"),) if asks else ())
    fault = unlawful(signal, policy)
    position = position_of(signal) if fault is None else closed(signal, "WITHDRAWN")
    before = () if row is None else row.positions
    positions = with_position(before, position)
    if len(positions) > max(MOST_POSITIONS, len(before)):
        raise Refused(
            Reason.HOUSEHOLD_TOO_LARGE, f"the address has {MOST_POSITIONS} contracts already, and this is new"
        )
    months = () if row is None else row.months
    if asks and fault is None:
        months = _with_month(months, month_of(signal.reported_at // DAY_MS))
    if row is not None and positions is before and months is row.months and event.at <= row.at:
        return Changed(row)
    after = _with_signals(row, event, positions, months)
    if fault is not None:
        return Changed(after, (_answer(signal, "NOT_PICKED_UP_UNJUSTIFIED", fault),))
    return Changed(after, _heard(signal, after, policy) if asks else ())


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
    )


def _heard(signal: Signal, row: HouseholdRow, policy: Policy) -> tuple[Answer, ...]:
    """Give what a creditor hears at once of a signal that is taken in: often nothing."""
    for position in row.positions:
        if position.signal_id != signal.signal_id or position.creditor != signal.creditor:
            continue
        if too_little(position.amount_cents, position.crisis, position.partner_type, policy):
            return (_answer(signal, "NOT_PICKED_UP_UNJUSTIFIED", Reason.TOO_LITTLE),)
        if is_repeat(position, row.at // DAY_MS):
            return (_answer(signal, "NOT_PICKED_UP_REPEATED"),)
        if row.picked_up_on is not None:
            return (_answer(signal, "PICKED_UP"),)
    return ()


def found(row: HouseholdRow, event: HouseholdEvent, outcome: Outcome, policy: Policy) -> Changed:
    """Take in what outreach found. An attempt alone changes nothing: it is for the report."""
    if outcome.result is not None and outcome.result not in RESULTS:
        raise Refused(Reason.UNKNOWN_RESULT, "result is none that this version knows; upgrade and replay")
    if outcome.outcome_id in row.outcomes or (outcome.picked_up_on is None and outcome.result is None):
        return Changed(row)
    row = replace(
        row, at=max(row.at, event.at), outcomes=(*row.outcomes, outcome.outcome_id)[-OUTCOMES_KEPT:]
    )
    standing = [position for position in row.positions if is_open(position)]
    if outcome.result is None:
        after = replace(row, picked_up_on=outcome.picked_up_on)
        return Changed(after, tuple([_told(position, "PICKED_UP") for position in standing]))
    return _handled(row, standing, outcome.result, policy)


def _handled(row: HouseholdRow, standing: list[Position], result: str, policy: Policy) -> Changed:
    """End the case: the arrears as they stand are handled for a time, and each creditor hears."""
    meaning = RESULTS[result]
    today = row.at // DAY_MS
    quiet_until = today + policy.results[result].quiet_days
    pause_until = today + policy.collection_pause_days if meaning.collection == PAUSE else None
    positions = tuple(
        [
            replace(position, handled_cents=position.amount_cents, handled_until=quiet_until)
            if is_open(position)
            else position
            for position in row.positions
        ]
    )
    answers = [_closing(position, meaning, pause_until) for position in standing]
    return Changed(replace(row, positions=positions, picked_up_on=None, handled_by=result), tuple(answers))


def objected(row: HouseholdRow | None, event: HouseholdEvent, stands: bool) -> Changed:
    """Take in an objection, or that one is taken back (GDPR art. 21).

    What was known of arrears goes; that there is an objection stays, or it could not be honoured.
    """
    if row is None:
        if event.address is None:
            raise Refused(Reason.UNKNOWN_HOUSEHOLD, "nothing is kept of this household")
        return Changed(HouseholdRow(event.address, event.at, 0, (), objected=True) if stands else None)
    if row.objected == stands:
        return Changed(row)
    answers = [_told(position, "NOT_PICKED_UP_OTHER") for position in row.positions if is_open(position)]
    after = HouseholdRow(
        row.address, max(row.at, event.at), row.sequence, (), objected=stands, looked_on=row.looked_on
    )
    return Changed(after, tuple(answers))


def departed(row: HouseholdRow | None, event: HouseholdEvent, departure: Departure) -> Changed:
    """Take the position of a resident who left away.

    Who moved inside the municipality takes it along; of who left it, the creditor hears (DDAS 1.2).
    """
    if row is None:
        return Changed(None)
    creditor, contract = departure.creditor, departure.contract
    gone = [p for p in row.positions if p.creditor == creditor and p.contract == contract]
    if not gone:
        return Changed(row)
    after = replace(row, positions=without(row.positions, creditor, contract))
    if departure.household is None:
        return Changed(after, tuple([_told(position, "NOT_A_RESIDENT") for position in gone]))
    arrivals = [
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
    return Changed(_by_the_register(event.address, after, policy))


def _by_the_register(
    address: Address, minor_children: tuple[str, ...], policy: Policy
) -> HouseholdRow | None:
    """Give the row of a household of which the register alone has spoken; None where none is kept."""
    if not minor_children or not policy.minor_children:
        return None
    return HouseholdRow(address, 0, 0, (), policy_version=policy.version, minor_children=minor_children)


def aged(row: HouseholdRow | None, today: EpochDay, policy: Policy) -> Changed:
    """Let time pass: something comes due, another policy holds, or what is kept has had its time.

    What the register says is not forgotten with the arrears: it stands as long as the register says it.
    """
    if row is None:
        return Changed(None)
    due = row.due_on is not None and row.due_on <= today
    if not due and row.policy_version == policy.version:
        return Changed(row)
    rest = _by_the_register(row.address, row.minor_children, policy)
    if not row.sequence:
        return Changed(rest)
    looked_on = today if row.looked_on is None else max(today, row.looked_on)
    gone_on = gone_by(row, policy)
    if gone_on is not None and gone_on <= looked_on:
        return Changed(rest)
    return Changed(replace(row, looked_on=looked_on))


def gone_by(row: HouseholdRow, policy: Policy) -> EpochDay | None:
    """Give the day on which everything of the household is forgotten; None: not by time alone.

    The law names no period; each is the municipality's to choose (Handreiking Wgs of the AP).
    """
    if row.objected:
        return None
    last = row.at // DAY_MS
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
