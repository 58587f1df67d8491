"""Whose an objection is, and what it bars: a resident's if known, otherwise that of who lives at an address.

Source: GDPR art. 21: the right is the person's, so it neither passes to the next occupant nor ends when the
    person moves. Of an address nobody here knows who objects. What creditors name there may be the next
    tenancy's, or an objector's garage: that is for a clerk to decide. What the register says of whoever left
    takes precedence (ADR 66).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from eropaf.risk.records import DAY_MS, Departure, EpochDay, EpochMs, Signal
from eropaf.risk.refusal import Reason, Refused
from eropaf.risk.rows import HouseholdRow, Position
from eropaf.risk.value import replace

# Who lives in a home is known by the contracts of the home itself (a dwelling and its garage, two parts of a
# mortgage); others go along to the next home.
OF_A_HOME = frozenset({"RENT", "MORTGAGE"})
# As many as a clerk who decides has a use for.
MOST_HOMES_SINCE = 20
# Keys of 32 digits: as many fit into a row beside what else it may hold.
MOST_OBJECTORS = 1_000


Said = tuple[EpochMs, bool]
"""When a word on an objection was said, and whether it stands from then on."""
State = TypeVar("State")
Step = Callable[[State, Said], State]


def home_of(signal: Signal | Position) -> str | None:
    """Return the home's own contract, as creditor/contract; None if the signal is about another kind."""
    return f"{signal.creditor}/{signal.contract}" if signal.partner_type in OF_A_HOME else None


def barred(row: HouseholdRow, signal: Signal) -> HouseholdRow | None:
    """Return the row after a barred signal; None if no objection bars the signal.

    A signal on an address may concern an objector there: it is barred while the objector lives there. A
        signal on another resident is not, unless the address objects.
    """
    if row.objectors and (signal.resident_key is None or signal.resident_key in row.objectors):
        return row
    if not row.objected:
        return None
    home = home_of(signal)
    return replace(row, homes=(home,)) if home is not None and not row.homes else row


def is_in_doubt(row: HouseholdRow, signal: Signal) -> bool:
    """Return whether a signal that the address's objection bars may be of who lives there next."""
    if row.objectors and (signal.resident_key is None or signal.resident_key in row.objectors):
        return False
    home = home_of(signal)
    return row.objected and home is not None and bool(row.homes) and home not in row.homes


def doubted(row: HouseholdRow, signal: Signal, today: EpochDay) -> HouseholdRow:
    """Return the row with the other contract of the home, for whoever decides whether the objection ends."""
    home = home_of(signal)
    if home is None or home in row.homes_since or len(row.homes_since) >= MOST_HOMES_SINCE:
        return row
    return replace(
        row, homes_since=tuple(sorted((*row.homes_since, home))), in_doubt_since=_doubt(row, today)
    )


def _doubt(row: HouseholdRow, today: EpochDay) -> EpochDay:
    return today if row.in_doubt_since is None else min(today, row.in_doubt_since)


def taken_in(
    row: HouseholdRow, at: EpochMs, stands: bool, objector: str | None
) -> tuple[HouseholdRow, list[Position]]:
    """Return the row after an objection or its withdrawal, and the positions to delete.

    An address's may come from the door, from a phone without a line: of two words the later holds, and of one
    moment that it stands.
    """
    if objector is None:
        return _of_the_address(row, at, stands)
    since = objecting_since(row)
    if objector in since:
        newest_at = newest(since[objector], at, stands)
        if newest_at == since[objector]:
            return row, []
        after = _objecting(row, since | {objector: at} if stands else _but(since, objector))
        return (replace(after, at=max(row.at, at)) if stands else _with(after, at, [])), []
    if not stands:
        return row, []
    if len(since) == MOST_OBJECTORS:
        raise Refused(
            Reason.HOUSEHOLD_TOO_LARGE, f"{MOST_OBJECTORS} residents of this address already object"
        )
    gone = [each for each in row.positions if each.resident_key in (None, objector)]
    return _with(_objecting(row, since | {objector: at}), at, gone), gone


def objecting_since(row: HouseholdRow) -> dict[str, EpochMs]:
    """Return who objects, and since when; a row of an earlier version knew no moment."""
    return dict(zip(row.objectors, row.objectors_at or (0,) * len(row.objectors), strict=True))


def newest(since: EpochMs | None, at: EpochMs, stands: bool) -> EpochMs | None:
    """Return since when a resident objects after a word on it, whatever came first; None: they do not.

    Of one moment it stands; of a withdrawal of what is not known nothing is kept.
    """
    if since is not None and (at, stands) <= (since, True):
        return since
    return at if stands else None


def words_needed(words: Sequence[Said]) -> list[int]:
    """Return the places of as few words as leave every row as all of them do, wherever its reading goes on.

    A row has taken in what came before: of a withdrawal it keeps the moment, or nothing.
    """
    moments = {at + beside for at, _ in words for beside in (-1, 0, 1)}
    known = {(at, stands) for at in moments for stands in (True, False)}
    after_newest = _befores(words, {None, *moments}, _newest)
    after_known = _befores(words, {None, *known}, _later)
    needed = list(range(len(words)))
    for place in range(len(words)):
        fewer = [each for each in needed if each != place]
        if _alike(words, needed, fewer, after_newest, _newest) and _alike(
            words, needed, fewer, after_known, _later
        ):
            needed = fewer
    return needed


def _newest(since: EpochMs | None, word: Said) -> EpochMs | None:
    return newest(since, *word)


def _later(known: Said | None, word: Said) -> Said | None:
    return word if known is None else max(known, word)


def _befores(words: Sequence[Said], bases: set[State], step: Step[State]) -> list[set[State]]:
    """Return what a row may be before each of `words`, and after the last."""
    befores = [bases]
    for word in words:
        befores.append({step(state, word) for state in befores[-1]})
    return befores


def _alike(
    words: Sequence[Said],
    needed: Sequence[int],
    fewer: Sequence[int],
    befores: Sequence[set[State]],
    step: Step[State],
) -> bool:
    def after(state: State, places: Sequence[int], begins: int) -> State:
        for place in places:
            state = step(state, words[place]) if place >= begins else state
        return state

    return all(
        after(state, needed, begins) == after(state, fewer, begins)
        for begins, states in enumerate(befores)
        for state in states
    )


def _objecting(row: HouseholdRow, since: dict[str, EpochMs]) -> HouseholdRow:
    objectors = tuple(sorted(since))
    return replace(row, objectors=objectors, objectors_at=tuple([since[each] for each in objectors]))


def _but(since: dict[str, EpochMs], objector: str) -> dict[str, EpochMs]:
    return {each: at for each, at in since.items() if each != objector}


def _of_the_address(row: HouseholdRow, at: EpochMs, stands: bool) -> tuple[HouseholdRow, list[Position]]:
    if row.objected_at is not None and (at, stands) <= (row.objected_at, row.objected):
        return row, []
    if row.objected == stands:
        if row.in_doubt_since is not None and at // DAY_MS < row.in_doubt_since:
            # Of before the doubt: it decides nothing about what was named since.
            return replace(row, at=max(row.at, at), objected_at=at), []
        # Said again by whoever decides: what was named since is the objector's too.
        homes = tuple(sorted({*row.homes, *row.homes_since}))
        after = replace(row, objected_at=at, homes=homes, homes_since=(), in_doubt_since=None)
        return replace(after, at=max(row.at, at)), []
    homes = tuple([home for home in map(home_of, row.positions) if stands and home is not None])
    gone = list(row.positions)
    after = replace(row, objected=stands, objected_at=at, homes=homes, homes_since=(), in_doubt_since=None)
    return _with(after, at, gone), gone


def _with(row: HouseholdRow, at: EpochMs, gone: list[Position]) -> HouseholdRow:
    """Return the row without `gone`. Without positions nothing of it but its objections is kept."""
    kept = tuple([position for position in row.positions if position not in gone])
    if kept:
        return replace(row, at=max(row.at, at), positions=kept)
    return replace(alone(row, at), sequence=row.sequence, looked_on=row.looked_on)


def alone(row: HouseholdRow, at: EpochMs) -> HouseholdRow:
    """Return what is left of a row once its objections alone are kept, as they stand."""
    return HouseholdRow(
        row.address, max(row.at, at), 0, (), objected=row.objected, objectors=row.objectors,
        homes=row.homes, objected_at=row.objected_at, homes_since=row.homes_since,
        in_doubt_since=row.in_doubt_since, erased_at=row.erased_at, objectors_at=row.objectors_at,
    )  # fmt: skip


def stand(row: HouseholdRow) -> bool:
    """Return whether anybody at the address objects."""
    return row.objected or bool(row.objectors)


def leaves(row: HouseholdRow, departure: Departure, at: EpochMs) -> bool:
    """Return whether a resident who leaves is one who objects, as far as is known.

    Who left before they objected came back since, or another objects: a departure may be sent again.
    """
    home, left = f"{departure.creditor}/{departure.contract}", departure.resident_key
    if left is not None and at >= objecting_since(row).get(left, at + 1):
        return True
    return row.objected and home in row.homes and at >= (row.objected_at or at)


def without(row: HouseholdRow, departure: Departure, at: EpochMs, today: EpochDay) -> HouseholdRow:
    """Return the row without the objection of a resident who left: the same object if there was none.

    An address's objection ends with its home's last contract: the others may belong to those who stay. Where
    another resident leaves, it is in doubt who objected. An erasure ends the register's entries of its
    address: that one of up to then has ended may say of nobody that they left.
    """
    left, since = departure.resident_key, objecting_since(row)
    if departure.household is None and row.erased_at is not None and at <= row.erased_at:
        in_doubt = at != row.erased_at and row.objected and left not in since
        return replace(row, in_doubt_since=_doubt(row, today)) if in_doubt else row
    if left is not None and left in since:
        return _objecting(row, _but(since, left)) if at >= since[left] else row
    if not row.objected or at < (row.objected_at or at):
        return row
    if not leaves(row, departure, at):
        return row if left is None else replace(row, in_doubt_since=_doubt(row, today))
    homes = tuple([each for each in row.homes if each != f"{departure.creditor}/{departure.contract}"])
    if homes:
        return replace(row, homes=homes)
    return replace(row, objected=False, homes=(), homes_since=(), in_doubt_since=None)
