"""Bands, and the one moment at which outreach is told: when a threshold is crossed, either way."""

from __future__ import annotations

import uuid

from eropaf.risk.frozen import dataclass
from eropaf.risk.names import id_of
from eropaf.risk.policy import BANDS, Policy
from eropaf.risk.records import DAY_MS, EpochDay, EpochMs
from eropaf.risk.rows import RankingRow
from eropaf.risk.told import HouseholdRisk, PriorityUpdate

NONE = "NONE"
ALL_BANDS = (NONE, *BANDS)
ORDER = {band: height for height, band in enumerate(ALL_BANDS)}
UPDATES = uuid.uuid5(uuid.NAMESPACE_DNS, "updates.eropaf.nl").bytes
UNTOLD = RankingRow(0, NONE, None, 0)

# How the end of what counts is told, in one neutral word.
ENDINGS = {
    "PAID": "CLOSED",
    "HANDLED": "CLOSED",
    "PAUSED": "PAUSED",
    "WITHDRAWN": "WITHDRAWN",
    "OBJECTED": "WITHDRAWN",
    "FORGOTTEN": "WITHDRAWN",
}


@dataclass(frozen=True, slots=True)
class Ranked:
    """The row after a risk, and the update to send; None where no threshold was crossed.

    `row` is None where the household is forgotten: it leaves the table and the list.
    """

    row: RankingRow | None
    update: PriorityUpdate | None


def rank(row: RankingRow | None, risk: HouseholdRisk, policy: Policy) -> Ranked:
    """Take one risk in. A risk that was taken in before gives the same row and no update."""
    row = row or UNTOLD
    if risk.sequence <= row.risk_sequence:
        return Ranked(row, None)
    today = risk.at // DAY_MS
    points_band = _slowly(row, band_of(risk, row.points_band or row.band, policy), risk, today, policy)
    band = points_band if risk.overrule is None else _overruled(points_band, risk, row.band)
    respond_by = None if band == NONE else _respond_by(row.respond_by, risk, today, policy)
    nearer = respond_by is not None and row.respond_by is not None and respond_by < row.respond_by
    tells = band != row.band or nearer
    ranked = RankingRow(
        row.sequence + 1 if tells else row.sequence,
        band,
        respond_by,
        risk.sequence,
        today if ORDER[band] < ORDER[row.band] else row.lowered_on,
        None if risk.overrule is None else points_band,
    )
    update = _update(ranked, row.band, risk) if tells else None
    return Ranked(None if risk.ended_by == "FORGOTTEN" else ranked, update)


def band_of(risk: HouseholdRisk, told: str, policy: Policy) -> str:
    """Give the band of `risk` for a household that outreach knows in band `told`.

    A band that is not above `told` is kept down to its `leave`; a higher one is entered at its
    `enter`. A household without open arrears is off the list at once.
    """
    if not risk.open_positions:
        return NONE
    best = NONE
    for band in BANDS:
        threshold = policy.bands[band]
        needed = threshold.leave if ORDER[band] <= ORDER[told] else threshold.enter
        if risk.score >= needed:
            best = band
    return best


def update_id(household: str, sequence: int, at: EpochMs) -> str:
    """Give the id of an update: the same household, sequence and event always have the same.

    The time of the event is in it because a household that was forgotten counts anew from 1.
    """
    return id_of(UPDATES, f"{household}:{sequence}:{at}")


def _slowly(row: RankingRow, band: str, risk: HouseholdRisk, today: EpochDay, policy: Policy) -> str:
    """Hold the band where the last lowering is too recent, and arrears still stand."""
    told = row.points_band or row.band
    if not risk.open_positions or ORDER[band] >= ORDER[told] or row.lowered_on is None:
        return band
    return told if today < row.lowered_on + policy.days_between_lowerings else band


def _overruled(band: str, risk: HouseholdRisk, told: str) -> str:
    """Give the band that a worker has made of `band`. Where no arrears stand there is no list to be on."""
    if not risk.open_positions:
        return NONE
    if risk.overrule == "RAISE":
        return ALL_BANDS[min(ORDER[band] + 1, len(BANDS))]
    if risk.overrule == "LOWER":
        return ALL_BANDS[max(ORDER[band] - 1, 0)]
    if risk.overrule == "HOLD":
        return told
    return band


def _respond_by(told: EpochDay | None, risk: HouseholdRisk, today: EpochDay, policy: Policy) -> EpochDay:
    """Give the day by which a first talk is due: the earliest that was ever due while on the list.

    Never after the date of what threatens, or of the end of a delivery, unless that is past.
    Source: Wet gemeentelijke schuldhulpverlening art. 4: four weeks; three days when threatening.
    """
    due = policy.threatening_talk_by(today) if risk.threatening else policy.first_talk_by(today)
    if risk.crisis_on is not None:
        due = max(today, min(due, risk.crisis_on))
    return due if told is None else min(told, due)


def _change(band: str, told: str, risk: HouseholdRisk) -> str:
    """Say what changed, in one neutral word. A deadline that came nearer counts as raised."""
    if ORDER[band] >= ORDER[told] and band != NONE:
        return "RAISED"
    if band == NONE and not risk.open_positions:
        return ENDINGS.get(risk.ended_by, "CLOSED")
    return "LOWERED"


def _update(row: RankingRow, told: str, risk: HouseholdRisk) -> PriorityUpdate:
    return PriorityUpdate(
        update_id(risk.household, row.sequence, risk.at),
        risk.household,
        row.sequence,
        risk.address,
        risk.score,
        row.band,
        row.respond_by,
        _change(row.band, told, risk),
        risk.policy_version,
        risk.at,
        row.points_band is not None and row.points_band != row.band,
    )
