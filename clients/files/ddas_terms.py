"""The names of the national exchange model (DDAS Vroegsignalering 1.2), and ours."""

from __future__ import annotations

from clients.records import CrisisKind, PartnerType

PARTNER_TYPES = {
    "Belastingdienst": PartnerType.INCOME_TAX,
    "CAK Eigen bijdrage": PartnerType.CARE_CONTRIBUTION,
    "CAK Zorgverzekeringen": PartnerType.HEALTH_DEFAULTERS,
    "Dienst Toeslagen": PartnerType.BENEFITS_RECLAIM,
    "DUO": PartnerType.STUDENT_DEBT,
    "Energie": PartnerType.ENERGY,
    "Huur": PartnerType.RENT,
    "Hypotheek": PartnerType.MORTGAGE,
    "Overige": PartnerType.OTHER,
    "Water": PartnerType.WATER,
    "Zorg": PartnerType.HEALTH,
}

# The model says that there is a crisis, not which: it follows from what is not paid.
CRISES = {
    PartnerType.RENT: CrisisKind.EVICTION,
    PartnerType.MORTGAGE: CrisisKind.EVICTION,
    PartnerType.ENERGY: CrisisKind.DISCONNECTION,
    PartnerType.WATER: CrisisKind.DISCONNECTION,
    PartnerType.HEALTH: CrisisKind.END_OF_INSURANCE,
    PartnerType.HEALTH_DEFAULTERS: CrisisKind.END_OF_INSURANCE,
}
# A tax office or DUO that calls a crisis threatens with attachment, which ends at the home.
OTHER_CRISIS = CrisisKind.EVICTION

STATUSES = frozenset(
    {
        "Inwoner al bekend bij schuldhulpverlening",
        "Inwoner is overleden",
        "Niet opgepakt: andere reden",
        "Niet opgepakt: herhaalde melding",
        "Niet opgepakt: onterecht signaal",
        "Nog niet opgepakt",
        "Opgepakt",
        "Persoon is geen inwoner (meer) in de gemeente",
    }
)
SEXES = frozenset({"Man", "Vrouw", "Onbekend", "Leeg"})
