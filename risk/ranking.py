"""Bands, and the one moment at which outreach is told: when a threshold is crossed, either way."""

from __future__ import annotations

import uuid

from eropaf.risk.frozen import dataclass
from eropaf.risk.names import id_of
from eropaf.risk.policy import BANDS, Policy
from eropaf.risk.records import EpochDay, EpochMs
from eropaf.risk.rows import RankingRow
from eropaf.risk.told import HouseholdRisk, PriorityUpdate

NONE = "NONE"
LOWEST = BANDS[0]
ALL_BANDS = (NONE, *BANDS)
ORDER = {band: height for height, band in enumerate(ALL_BANDS)}
UPDATES = uuid.uuid5(uuid.NAMESPACE_DNS, "updates.eropaf.nl").bytes
UNTOLD = RankingRow(0, NONE, None, 0)

# How the end of what counts is told, in one neutral word.
ENDINGS = {
    "PAID": "CLOSED",
    "HANDLED": "CLOSED",
    "PLANNED": "CLOSED",
    "BELOW_MINIMUM": "CLOSED",
    "SILENT": "WITHDRAWN",
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
    today = policy.zone.day_of(risk.at)
    points_band = _slowly(row, band_of(risk, row.points_band or row.band, policy), risk, today, policy)
    band = points_band if risk.overrule is None else _overruled(points_band, risk, row.band)
    listed_on = None if band == NONE else _listed_on(row, today, policy)
    threatened_on = None
    if listed_on is not None and risk.threatening:
        threatened_on = today if row.threatened_on is None else row.threatened_on
    due = _due(listed_on, threatened_on, risk, policy)
    tells = band != row.band or due.on != row.respond_by
    ranked = RankingRow(
        row.sequence + 1 if tells else row.sequence,
        band,
        due.on,
        risk.sequence,
        today if ORDER[band] < ORDER[row.band] else row.lowered_on,
        None if risk.overrule is None else points_band,
        listed_on,
        threatened_on,
    )
    update = _update(ranked, row, risk, due.norm, policy) if tells else None
    return Ranked(None if risk.ended_by == "FORGOTTEN" else ranked, update)


def band_of(risk: HouseholdRisk, told: str, policy: Policy) -> str:
    """Return the band of `risk` for a household that outreach knows in band `told`.

    A band that is not above `told` is kept down to its `leave`; a higher one is entered at its
    `enter`. Every accepted signal enters the lowest (Wgs art. 3: help is offered for each). A household
    without any is off the list at once.
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
    """Return the id of an update: the same household, sequence and event always have the same.

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
    """Return the band that a worker has made of `band`: never none, for the offer itself is due.

    Where no arrears stand there is no list to be on.
    """
    if not risk.open_positions:
        return NONE
    if risk.overrule == "RAISE":
        return ALL_BANDS[min(ORDER[band] + 1, len(BANDS))]
    if risk.overrule == "LOWER":
        return ALL_BANDS[max(ORDER[band] - 1, ORDER[LOWEST])]
    if risk.overrule == "HOLD":
        return LOWEST if told == NONE else told
    return band


@dataclass(frozen=True, slots=True)
class _Due:
    """The day by which a first talk is due, and whose norm that is; None: none is."""

    on: EpochDay | None = None
    norm: str | None = None


def _listed_on(row: RankingRow, today: EpochDay, policy: Policy) -> EpochDay:
    """Return the day on which the household came on the list, from which a first talk is due."""
    if row.band == NONE:
        return today
    if row.listed_on is not None:
        return row.listed_on
    # Kept by an older version, which kept no such day: no later than what outreach was told.
    return today if row.respond_by is None else row.respond_by - policy.first_talk_days


def _due(
    listed_on: EpochDay | None, threatened_on: EpochDay | None, risk: HouseholdRisk, policy: Policy
) -> _Due:
    """Return by when a first talk is due: the earlier of two norms, and never after what threatens or ends.

    A talk that was held meets it; a threat that comes later asks for another. Once a threat is over, the
    first norm holds again. Wgs art. 4 counts from the acceptance of an offer, so that a date counted from
    a signal is the municipality's own norm, unless its policy says that it is the law's.
    """
    if listed_on is None:
        return _Due()
    since = listed_on if threatened_on is None else threatened_on
    if risk.reached_on is not None and risk.reached_on >= since:
        return _Due()
    on, norm = policy.first_talk_by(listed_on), policy.first_talk_norm
    if threatened_on is not None:
        soon = policy.threatening_talk_by(threatened_on)
        if soon <= on:
            on, norm = soon, policy.threatening_norm
    if risk.crisis_on is not None:
        on = min(on, risk.crisis_on)
    return _Due(on, norm)


def _change(row: RankingRow, told: RankingRow, risk: HouseholdRisk) -> str:
    """Return what changed, in one neutral word. In one band, a nearer deadline counts as raised."""
    if row.band == NONE and not risk.open_positions:
        return ENDINGS.get(risk.ended_by, "CLOSED")
    if ORDER[row.band] != ORDER[told.band]:
        return "RAISED" if ORDER[row.band] > ORDER[told.band] else "LOWERED"
    later = row.respond_by is None or (told.respond_by is not None and row.respond_by > told.respond_by)
    return "LOWERED" if later else "RAISED"


def _update(
    row: RankingRow, told: RankingRow, risk: HouseholdRisk, norm: str | None, policy: Policy
) -> PriorityUpdate:
    return PriorityUpdate(
        update_id(risk.household, row.sequence, risk.at),
        risk.household,
        row.sequence,
        risk.address,
        risk.score,
        row.band,
        row.respond_by,
        _change(row, told, risk),
        risk.policy_version,
        risk.at,
        row.points_band is not None and row.points_band != row.band,
        None if row.band == NONE else policy.bands[row.band].action,
        norm,
    )
