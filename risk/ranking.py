"""Bands, and the only moment at which outreach is told: when a threshold is crossed, either way."""

from __future__ import annotations

import uuid

from eropaf.risk.names import id_of
from eropaf.risk.policy import BANDS, Policy
from eropaf.risk.records import EpochDay, EpochMs
from eropaf.risk.rows import RankingRow, new_ranking_row
from eropaf.risk.told import HouseholdRisk, PriorityUpdate, new_update
from eropaf.risk.value import value

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


@value(frozen=True, slots=True)
class Ranked:
    """The row after a risk, and the update to send; None if no threshold was crossed.

    `row` is None if the household is forgotten: it leaves the table and the list.
    """

    row: RankingRow | None
    update: PriorityUpdate | None


def rank(row: RankingRow | None, risk: HouseholdRisk, policy: Policy) -> Ranked:
    """Apply one risk. A risk applied before returns the same row and no update."""
    row = row or UNTOLD
    if risk.sequence <= row.risk_sequence:
        return Ranked(row, None)
    today = policy.zone.day_of(risk.at)
    points_band = _slowly(row, band_of(risk, row.points_band or row.band, policy), risk, today, policy)
    band = points_band if risk.overrule is None else _overruled(points_band, risk, row.band)
    began = _began(row, band, risk, today, policy)
    due = _due(began, risk, policy)
    tells = band != row.band or due.on != row.respond_by
    ranked = new_ranking_row(
        sequence=row.sequence + 1 if tells else row.sequence,
        band=band,
        respond_by=due.on,
        risk_sequence=risk.sequence,
        lowered_on=today if ORDER[band] < ORDER[row.band] else row.lowered_on,
        points_band=None if risk.overrule is None else points_band,
        listed_on=began.listed_on,
        threatened_on=began.threatened_on,
        listed_after_talk=began.listed_after_talk,
        threatened_after_talk=began.threatened_after_talk,
    )
    update = _update(ranked, row, risk, due.norm, policy) if tells else None
    return Ranked(None if risk.ended_by == "FORGOTTEN" else ranked, update)


def band_of(risk: HouseholdRisk, told: str, policy: Policy) -> str:
    """Return the band of `risk` for a household last reported in band `told`.

    A band not above `told` is kept down to its `leave`; a higher one is entered at its `enter`. Every
    accepted signal enters the lowest (Wgs art. 3: help is offered for each). A household without any is off
    the list at once.
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
    """Return the id of an update: the same household, sequence and event always have the same id.

    It includes the time of the event because a forgotten household's sequence restarts at 1.
    """
    return id_of(UPDATES, f"{household}:{sequence}:{at}")


def _slowly(row: RankingRow, band: str, risk: HouseholdRisk, today: EpochDay, policy: Policy) -> str:
    """Keep the band if the last lowering is too recent and arrears remain."""
    told = row.points_band or row.band
    if not risk.open_positions or ORDER[band] >= ORDER[told] or row.lowered_on is None:
        return band
    return told if today < row.lowered_on + policy.days_between_lowerings else band


def _overruled(band: str, risk: HouseholdRisk, told: str) -> str:
    """Return the band after a worker's decision on `band`: never NONE, as the offer itself is due.

    Without arrears a household is not on the list.
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


@value(frozen=True, slots=True)
class _Due:
    """The day by which a first talk is due, and whose norm that is; None: none is due."""

    on: EpochDay | None = None
    norm: str | None = None


@value(frozen=True, slots=True)
class _Began:
    """The start days of the deadlines, and whether a talk earlier on that day preceded them."""

    listed_on: EpochDay | None = None
    threatened_on: EpochDay | None = None
    listed_after_talk: bool = False
    threatened_after_talk: bool = False

    def meets(self, reached_on: EpochDay) -> bool:
        """Return whether a talk on a day meets the deadline: it must not precede its start."""
        if self.threatened_on is not None:
            return reached_on >= self.threatened_on + self.threatened_after_talk
        return self.listed_on is not None and reached_on >= self.listed_on + self.listed_after_talk


def _began(row: RankingRow, band: str, risk: HouseholdRisk, today: EpochDay, policy: Policy) -> _Began:
    """Return what began, and when. Talks are known by day only: within a day the order of arrival counts."""
    if band == NONE:
        return _Began()
    talked = risk.reached_on is not None and risk.reached_on >= today
    listed_on = _listed_on(row, today, policy)
    listed_after_talk = talked if row.band == NONE else row.listed_after_talk
    if not risk.threatening:
        return _Began(listed_on, None, listed_after_talk)
    return _Began(
        listed_on,
        today if row.threatened_on is None else row.threatened_on,
        listed_after_talk,
        talked if row.threatened_on is None else row.threatened_after_talk,
    )


def _listed_on(row: RankingRow, today: EpochDay, policy: Policy) -> EpochDay:
    """Return the day on which the household entered the list, which starts the first deadline."""
    if row.band == NONE:
        return today
    if row.listed_on is not None:
        return row.listed_on
    # Kept by an older version, which kept no such day: no later than what outreach was told.
    return today if row.respond_by is None else row.respond_by - policy.first_talk_days


def _due(began: _Began, risk: HouseholdRisk, policy: Policy) -> _Due:
    """Return when a first talk is due: the earlier of two norms, never after what threatens or ends.

    A talk meets it; a later threat requires another, even on the same day. Once a threat is over, the first
    norm applies again. Wgs art. 4 counts from the acceptance of an offer, so a date counted from a signal is
    the municipality's own norm, unless its policy says that it is the law's.
    """
    if began.listed_on is None or (risk.reached_on is not None and began.meets(risk.reached_on)):
        return _Due()
    on, norm = policy.first_talk_by(began.listed_on), policy.first_talk_norm
    if began.threatened_on is not None:
        soon = policy.threatening_talk_by(began.threatened_on)
        if soon <= on:
            on, norm = soon, policy.threatening_norm
    if risk.crisis_on is not None:
        on = min(on, risk.crisis_on)
    return _Due(on, norm)


def _change(row: RankingRow, told: RankingRow, risk: HouseholdRisk) -> str:
    """Return the change in one neutral word. Within a band, an earlier deadline counts as raised."""
    if row.band == NONE and not risk.open_positions:
        return ENDINGS.get(risk.ended_by, "CLOSED")
    if ORDER[row.band] != ORDER[told.band]:
        return "RAISED" if ORDER[row.band] > ORDER[told.band] else "LOWERED"
    later = row.respond_by is None or (told.respond_by is not None and row.respond_by > told.respond_by)
    return "LOWERED" if later else "RAISED"


def _update(
    row: RankingRow, told: RankingRow, risk: HouseholdRisk, norm: str | None, policy: Policy
) -> PriorityUpdate:
    return new_update(
        update_id=update_id(risk.household, row.sequence, risk.at),
        household=risk.household,
        sequence=row.sequence,
        address=risk.address,
        urgency=risk.score,
        band=row.band,
        respond_by=row.respond_by,
        change=_change(row, told, risk),
        policy_version=risk.policy_version,
        event_at=risk.at,
        overruled=row.points_band is not None and row.points_band != row.band,
        action=None if row.band == NONE else policy.bands[row.band].action,
        respond_by_norm=norm,
    )
