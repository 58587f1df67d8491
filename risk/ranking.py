"""Bands, and the one moment at which outreach is told: when a threshold is crossed, either way."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from risk.policy import BANDS, Policy
from risk.records import DAY_MS, EpochDay, HouseholdRisk, PriorityUpdate, RankingRow
from risk.score import HUNDREDTHS

NONE = "NONE"
ORDER = {band: height for height, band in enumerate((NONE, *BANDS))}
UPDATES = uuid.uuid5(uuid.NAMESPACE_DNS, "updates.eropaf.nl")
UNTOLD = RankingRow(0, NONE, None, 0)


@dataclass(frozen=True, slots=True)
class Ranked:
    """The row after a risk, and the update to send; None where no threshold was crossed."""

    row: RankingRow
    update: PriorityUpdate | None


def rank(row: RankingRow | None, risk: HouseholdRisk, policy: Policy) -> Ranked:
    """Take one risk in. A risk that was taken in before gives the same row and no update."""
    row = row or UNTOLD
    if risk.sequence <= row.risk_sequence:
        return Ranked(row, None)
    band = band_of(risk, row.band, policy)
    respond_by = None if band == NONE else _respond_by(row.respond_by, risk, policy)
    if band == row.band:
        return Ranked(RankingRow(row.sequence, band, row.respond_by, risk.sequence), None)
    ranked = RankingRow(row.sequence + 1, band, respond_by, risk.sequence)
    return Ranked(ranked, _update(ranked, row.band, risk))


def band_of(risk: HouseholdRisk, told: str, policy: Policy) -> str:
    """Give the band of `risk` for a household that outreach knows in band `told`.

    A band that is not above `told` is kept down to its `leave`; a higher one is entered at its
    `enter`. A household without open arrears is off the list at once.
    """
    if not risk.open_positions:
        return NONE
    best = NONE
    for band in BANDS:
        threshold = policy.bands[band]  # type: ignore[index]
        needed = threshold.leave if ORDER[band] <= ORDER[told] else threshold.enter
        if risk.score >= needed * HUNDREDTHS:
            best = band
    return best


def update_id(household: str, sequence: int) -> str:
    """Give the id of an update: the same household and sequence always have the same."""
    return str(uuid.uuid5(UPDATES, f"{household}:{sequence}"))


def _respond_by(told: EpochDay | None, risk: HouseholdRisk, policy: Policy) -> EpochDay:
    """Give the day by which a first talk is due: the earliest that was ever due while on the list.

    Source: Wet gemeentelijke schuldhulpverlening art. 4: four weeks; three days when threatening.
    """
    today = risk.at // DAY_MS
    due = today + policy.deadlines.first_talk_days
    if risk.threatening:
        due = today + policy.deadlines.threatening_days
        if risk.crisis_on is not None:
            due = max(today, min(due, risk.crisis_on))
    return due if told is None else min(told, due)


def _change(band: str, told: str, risk: HouseholdRisk) -> str:
    if ORDER[band] > ORDER[told]:
        return "RAISED"
    if band == NONE and not risk.open_positions:
        return "WITHDRAWN" if risk.ended_by == "WITHDRAWN" else "CLOSED"
    return "LOWERED"


def _update(row: RankingRow, told: str, risk: HouseholdRisk) -> PriorityUpdate:
    return PriorityUpdate(
        update_id(risk.household, row.sequence),
        risk.household,
        row.sequence,
        risk.address,
        risk.score,
        row.band,
        row.respond_by,
        _change(row.band, told, risk),
        risk.policy_version,
        risk.at,
    )
