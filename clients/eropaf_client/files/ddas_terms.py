"""The names of the national exchange model (DDAS Vroegsignalering 1.2), and ours."""

from __future__ import annotations

from eropaf_client.records import CrisisKind, PartnerType

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

# The model says that there is a crisis, not which: that follows from the kind of bill.
CRISES = {
    PartnerType.RENT: CrisisKind.EVICTION,
    PartnerType.MORTGAGE: CrisisKind.EVICTION,
    PartnerType.ENERGY: CrisisKind.DISCONNECTION,
    PartnerType.WATER: CrisisKind.DISCONNECTION,
    PartnerType.HEALTH: CrisisKind.END_OF_INSURANCE,
}
# A crisis reported by a tax office, DUO or CAK is something else, usually attachment. It ends no insurance or
# tenancy, and the resident must not be told that it does.
OTHER_CRISIS = CrisisKind.OTHER

STATUSES = {
    "Nog niet opgepakt": "NOT_YET_PICKED_UP",
    "Opgepakt": "PICKED_UP",
    "Inwoner al bekend bij schuldhulpverlening": "KNOWN_AT_DEBT_HELP",
    "Inwoner is overleden": "DECEASED",
    "Niet opgepakt: herhaalde melding": "NOT_PICKED_UP_REPEATED",
    "Niet opgepakt: onterecht signaal": "NOT_PICKED_UP_UNJUSTIFIED",
    "Niet opgepakt: andere reden": "NOT_PICKED_UP_OTHER",
    "Persoon is geen inwoner (meer) in de gemeente": "NOT_A_RESIDENT",
}

RESULTS = {
    "(Budget)advies en/of quick fix": "ADVICE",
    "Definitief geen contact kunnen krijgen": "NO_CONTACT",
    "Geen reactie na eerder contact": "NO_REACTION",
    "Inwoner al bekend bij schuldhulpverlening": "KNOWN_AT_DEBT_HELP",
    "Inwoner heeft al een ander lopend traject": "OTHER_TRAJECTORY",
    "Inwoner heeft zelf al betaald/betalingsregeling getroffen": "PAID_OR_PLAN",
    "Inwoner is overleden": "DECEASED",
    "Inwoner regelt het zelf/hoeft geen hulp vanuit vroegsignalering": "ARRANGES_ITSELF",
    "Niet opgepakt: andere reden": "NOT_PICKED_UP_OTHER",
    "Niet opgepakt: herhaalde melding": "NOT_PICKED_UP_REPEATED",
    "Niet opgepakt: onterecht signaal": "NOT_PICKED_UP_UNJUSTIFIED",
    "Persoon is geen inwoner (meer) in de gemeente": "NOT_A_RESIDENT",
    "Vervolghulp en/of verwijzing": "HELP",
    "Vervolghulp en/of verwijzing financieel": "HELP_FINANCIAL",
    "Vervolghulp en/of verwijzing niet financieel": "HELP_NOT_FINANCIAL",
    "Verwijzing zonder tussenkomst inwoner": "REFERRED_WITHOUT_RESIDENT",
}

CHANNELS = {
    "Administratief": "ADMINISTRATIVE",
    "Afspraak op locatie": "APPOINTMENT",
    "Brief": "LETTER",
    "Huisbezoek": "VISIT",
    "Kaartje": "CARD",
    "Mail": "EMAIL",
    "Onbekend": "UNKNOWN",
    "Overige": "OTHER",
    "SMS/Whatsapp": "MESSAGE",
    "Telefoon": "PHONE",
}

# An unrecorded part of the day is omitted: the model has no word for it.
DAY_PARTS = {"Ochtend": "MORNING", "Middag": "AFTERNOON", "Avond": "EVENING"}

SEXES = frozenset({"Man", "Vrouw", "Onbekend", "Leeg"})
