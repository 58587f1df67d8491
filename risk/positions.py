"""What each creditor last said of each contract: the newest stands, whatever the order of arrival."""

from __future__ import annotations

from risk.records import Position, Signal

# A position that is closed gives no points, but is kept: a late, older signal must not reopen it.
CLOSED = frozenset({"PAID", "WITHDRAWN"})


def position_of(signal: Signal) -> Position:
    """Make the position that `signal` describes."""
    return Position(
        signal.creditor,
        signal.contract,
        signal.partner_type,
        signal.kind,
        0 if signal.kind in CLOSED else signal.amount_cents,
        signal.monthly_bill_cents,
        signal.reported_at,
        signal.version,
        signal.signal_id,
        signal.crisis_kind is not None and signal.kind not in CLOSED,
        signal.crisis_on if signal.kind not in CLOSED else None,
    )


def is_newer(position: Position, standing: Position) -> bool:
    """Say whether `position` replaces `standing`, both of one contract.

    The higher version is newer. Two signals with one version are put in an order that does not
    depend on which came first.
    """
    return (position.version, position.reported_at, position.signal_id) > (
        standing.version,
        standing.reported_at,
        standing.signal_id,
    )


def with_position(positions: tuple[Position, ...], position: Position) -> tuple[Position, ...]:
    """Give `positions` with `position` in its place, or the same object where nothing changes."""
    place = (position.creditor, position.contract)
    for index, standing in enumerate(positions):
        other = (standing.creditor, standing.contract)
        if other == place:
            if not is_newer(position, standing):
                return positions
            return (*positions[:index], position, *positions[index + 1 :])
        if other > place:
            return (*positions[:index], position, *positions[index:])
    return (*positions, position)


def is_open(position: Position) -> bool:
    """Say whether arrears stand."""
    return position.kind not in CLOSED and position.amount_cents > 0
