"""Whose an objection is, and what it bars: a resident's if known, otherwise one tenancy's.

Source: GDPR art. 21: the right is the person's, so it neither passes to the next occupant nor ends when the
    person moves.
"""

from __future__ import annotations

from dataclasses import replace

from eropaf.risk.records import Departure, EpochMs, Signal
from eropaf.risk.refusal import Reason, Refused
from eropaf.risk.rows import HouseholdRow, Position

# A tenancy is known by the contracts of the home itself (a dwelling and its garage, two parts of a
# mortgage); others go along to the next.
OF_A_HOME = frozenset({"RENT", "MORTGAGE"})
# Keys of 32 digits: as many fit into a row beside what else it may hold.
MOST_OBJECTORS = 1_000


def home_of(signal: Signal | Position) -> str | None:
    """Return the home's own contract, as creditor/contract; None if the signal is about another kind."""
    return f"{signal.creditor}/{signal.contract}" if signal.partner_type in OF_A_HOME else None


def barred(row: HouseholdRow, signal: Signal) -> HouseholdRow | None:
    """Return the row after a barred signal; None if no objection bars the signal.

    A signal on an address may concern an objector there: it is barred while the objector lives there. A
        signal on another resident is not.
    """
    if signal.resident_key is not None and signal.resident_key not in row.objectors and not row.objected:
        return None
    if row.objectors and (signal.resident_key is None or signal.resident_key in row.objectors):
        return row
    home = home_of(signal)
    if home is None or home in row.homes:
        return row
    return None if row.homes else replace(row, homes=(home,))


def of_the_next_tenancy(row: HouseholdRow, signal: Signal) -> HouseholdRow:
    """Return the row without the objection of an ended tenancy: the home has a new contract."""
    home = home_of(signal)
    if row.objected and home is not None and row.homes and home not in row.homes:
        return replace(row, objected=False, homes=())
    return row


def taken_in(
    row: HouseholdRow, at: EpochMs, stands: bool, objector: str | None
) -> tuple[HouseholdRow, list[Position]]:
    """Return the row after an objection or its withdrawal, and the positions to delete."""
    if (row.objected if objector is None else objector in row.objectors) == stands:
        return row, []
    if objector is None:
        homes = [home for home in map(home_of, row.positions) if stands and home is not None]
        return _with(row, at, list(row.positions), stands, row.objectors, tuple(homes))
    objectors = tuple(sorted({*row.objectors} ^ {objector}))
    if len(objectors) > MOST_OBJECTORS:
        raise Refused(
            Reason.HOUSEHOLD_TOO_LARGE, f"{MOST_OBJECTORS} residents of this address already object"
        )
    gone = [each for each in row.positions if stands and each.resident_key in (None, objector)]
    return _with(row, at, gone, row.objected, objectors, row.homes)


def _with(
    row: HouseholdRow,
    at: EpochMs,
    gone: list[Position],
    objected: bool,
    objectors: tuple[str, ...],
    homes: tuple[str, ...],
) -> tuple[HouseholdRow, list[Position]]:
    """Return the row with these objections, and `gone`. Without positions nothing else of the row is kept."""
    kept = tuple([position for position in row.positions if position not in gone])
    after = HouseholdRow(
        row.address, max(row.at, at), row.sequence, kept, objected=objected, looked_on=row.looked_on,
        objectors=objectors, homes=homes,
    )  # fmt: skip
    if kept:
        after = replace(
            row, at=max(row.at, at), positions=kept, objected=objected, objectors=objectors, homes=homes
        )
    return after, gone


def without(row: HouseholdRow, departure: Departure) -> HouseholdRow:
    """Return the row without the objection of a resident who left: the same object if there was none.

    An address's objection ends with its home's last contract: the others may belong to those who stay.
    """
    left = departure.resident_key
    if left is not None and left in row.objectors:
        return replace(row, objectors=tuple([each for each in row.objectors if each != left]))
    home = f"{departure.creditor}/{departure.contract}"
    if not row.objected or home not in row.homes:
        return row
    homes = tuple([each for each in row.homes if each != home])
    return replace(row, objected=bool(homes), homes=homes)
