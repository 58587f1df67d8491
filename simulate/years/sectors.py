"""The four kinds of bills: how high, from which age creditors report them, and by how many creditors."""

from __future__ import annotations

from dataclasses import dataclass

from eropaf_client.records import PartnerType


@dataclass(frozen=True, slots=True)
class Sector:
    """A kind of bill. Amounts in whole euros a month, ages in months since the oldest unpaid bill was due.

    `distress_share` is how much of the distress factors, and of the chance to miss the next bill too, reaches
    this bill: cover of health insurance continues, so that its premium is the first to be left (Nibud), the
    rent the last.
    """

    name: str
    partner_type: PartnerType
    bill_eur: tuple[int, int]
    reported_from: int
    reported_to: int
    creditors: int
    distress_share: float


# Ages: DDAS 1.2 from 30 days, health from 30 to 100; insurers write at two months (Zorgwijzer). Bills and
# numbers of creditors: choices, around the social rent of EUR 550 (NUL20). After half a year a
# bailiff has it, and nobody signals: a choice.
SECTORS = (
    Sector(
        name="health",
        partner_type=PartnerType.HEALTH,
        bill_eur=(140, 185),
        reported_from=2,
        reported_to=3,
        creditors=10,
        distress_share=1.0,
    ),
    Sector(
        name="energy",
        partner_type=PartnerType.ENERGY,
        bill_eur=(90, 320),
        reported_from=1,
        reported_to=6,
        creditors=8,
        distress_share=0.9,
    ),
    Sector(
        name="rent",
        partner_type=PartnerType.RENT,
        bill_eur=(450, 880),
        reported_from=1,
        reported_to=6,
        creditors=12,
        distress_share=0.7,
    ),
    Sector(
        name="water",
        partner_type=PartnerType.WATER,
        bill_eur=(12, 35),
        reported_from=1,
        reported_to=24,
        creditors=1,
        distress_share=0.8,
    ),
)
HEALTH, ENERGY, RENT, WATER = range(4)
NAMES = tuple(sector.name for sector in SECTORS)
