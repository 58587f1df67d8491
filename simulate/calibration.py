"""The figures behind the synthetic city: sourced if possible, otherwise marked as a choice."""

from __future__ import annotations

from dataclasses import dataclass, field

from eropaf_client.records import PartnerType


@dataclass(frozen=True, slots=True)
class Sector:
    """One of the city's creditors and what its signals look like. Amounts in whole euros per month."""

    creditor: str
    partner_type: PartnerType
    share: float
    bill_eur: tuple[int, int]
    months_behind: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a month of early signalling looks like."""

    # Divosa Monitor 2023: 4.0 signals a month per 1,000 inhabitants; Amsterdam had 872,380
    # inhabitants in 447,210 dwellings on 1 January 2020 (NUL20).
    signals_per_household: float = 4.0 / 1000 * 872_380 / 447_210

    # Divosa Monitor 2023: health 45 %, energy 25 %, rent 19 %; water the rest. Benefits reclaimed are in
    # no national figure: 4 % on top is a choice. Bills and months behind are choices, around the
    # social rent of EUR 550 (NUL20) and the reporting thresholds of 30 days and more.
    sectors: tuple[Sector, ...] = (
        Sector("health", PartnerType.HEALTH, 0.45, (140, 185), (1.0, 5.0)),
        Sector("energy", PartnerType.ENERGY, 0.25, (90, 320), (1.0, 4.0)),
        Sector("rent", PartnerType.RENT, 0.19, (450, 880), (0.3, 3.0)),
        Sector("water", PartnerType.WATER, 0.11, (12, 35), (2.0, 8.0)),
        Sector("benefits", PartnerType.BENEFITS_RECLAIM, 0.04, (60, 150), (1.0, 6.0)),
    )

    # Divosa Monitor 2023, ch. 5: 11 % of reports hold several signals of one month.
    multiple: float = 0.11
    # The same: 40 % had a signal in the six months before. Here: those start with older arrears.
    consecutive: float = 0.40
    # Divosa Monitor 2022: 4.1 against 3.3 per 1,000 in March, when January's premium gets reportable.
    march_health: float = 4.1 / 3.3

    # What becomes of a signal within the month: choices.
    grows: float = 0.22
    pays: float = 0.42
    plan: float = 0.18
    plan_breaks: float = 0.30
    withdrawn: float = 0.04
    crisis: float = 0.02
    # Real-world faults that must change nothing: sent twice, and overtaken on the way.
    repeated: float = 0.02
    overtaken: float = 0.02

    # Corporation dwellings and so most signals lie outside the centre (AFWC 2021, shares by
    # district): four digits of a postcode, and weight.
    areas: dict[str, int] = field(
        default_factory=lambda: {
            "1011": 3, "1012": 2, "1013": 5, "1015": 3, "1017": 3, "1018": 4, "1019": 3,
            "1021": 4, "1022": 3, "1024": 7, "1025": 6, "1031": 5, "1032": 5, "1034": 5,
            "1051": 4, "1052": 4, "1053": 4, "1055": 6, "1056": 5, "1057": 4, "1058": 4,
            "1060": 5, "1061": 6, "1062": 4, "1063": 7, "1064": 6, "1065": 5, "1067": 7,
            "1068": 7, "1069": 8, "1071": 2, "1072": 4, "1073": 5, "1074": 4, "1078": 4,
            "1091": 4, "1092": 4, "1093": 4, "1094": 5, "1095": 4, "1097": 4, "1102": 8,
            "1103": 7, "1104": 7, "1106": 6, "1107": 5,
        }
    )  # fmt: skip


AMSTERDAM = Calibration()
AMSTERDAM_HOUSEHOLDS = 447_210
