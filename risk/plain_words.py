"""An explanation in plain words: Dutch at level B1, for the residents concerned, and plain English.

Based on the facts alone. Explanations sealed by an older version hold fewer facts, and say less.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Literal

from eropaf.risk.events import EpochDay
from eropaf.risk.explanation import REST
from eropaf.risk.policy import EPOCH
from eropaf.risk.positions import NOT_THREATENING

Language = Literal["nl", "en"]

# One sentence for each rule, in each language. {n} is what was counted, {creditor} who signalled, of {kind}.
SENTENCES: dict[Language, dict[str, str]] = {
    "nl": {
        "arrears": "{creditor} meldde dat {n} {months} {kind} niet is betaald.",
        "growth": "De schuld bij {creditor} ({kind}) groeide sinds de eerste melding met {n} {months}.",
        "plan-broken": "Met {creditor} was een betalingsregeling afgesproken ({kind}). Dat is niet gelukt.",
        "breadth": "Bij {n} verschillende schuldeisers zijn rekeningen niet betaald.",
        "persistence": "Ook in {n} eerdere {months} is een achterstand gemeld.",
        "threatening": "Er dreigt iets ernstigs, zoals een afsluiting of een huisuitzetting.",
        "nearness": "De datum waarop iets dreigt of eindigt was bij het tellen dichtbij: over {n} {days}.",
        "handover": "Een schuldeiser heeft met de bewoner gesproken, en vraagt ons om hulp te bieden.",
        REST: "Verder tellen {n} andere onderdelen mee: te veel om op te noemen.",
        "minor-children": "Op dit adres wonen minderjarige kinderen, volgens het register van de gemeente.",
    },
    "en": {
        "arrears": "{creditor} reported that {n} {months} of {kind} are not paid.",
        "growth": "The debt to {creditor} ({kind}) grew by {n} {months} since the first report.",
        "plan-broken": "A payment plan was agreed with {creditor} ({kind}). It did not work out.",
        "breadth": "Bills of {n} different creditors are not paid.",
        "persistence": "Arrears were also reported in {n} earlier {months}.",
        "threatening": "Something serious threatens, such as a disconnection or an eviction.",
        "nearness": "The day on which something threatens or ends was near: {n} {days} after the counting.",
        "handover": "A creditor has spoken with the resident, and asks us to offer help.",
        REST: "And {n} other parts count: too many to be listed.",
        "minor-children": "Minor children live at this address, by the municipality's register.",
    },
}
# The same where the facts say more: how much, on which day, and what threatens.
FULLER: dict[Language, dict[str, str]] = {
    "nl": {
        "arrears": "{creditor} meldde op {reported}: er is {euros} euro {kind} niet betaald. "
        "Dat telt als {n} {months}.",
        "threatening": "{threats}.",
        "nearness": "De dag is dichtbij: {day}, {n} {days} na het tellen.",
        "nearness-today": "Het was op de dag van het tellen: {day}.",
    },
    "en": {
        "arrears": "{creditor} reported on {reported}: {euros} euros of {kind} are not paid. "
        "That counts as {n} {months}.",
        "threatening": "{threats}.",
        "nearness": "The day is near: {day}, {n} {days} after this was counted.",
        "nearness-today": "It was on the day on which this was counted: {day}.",
    },
}
THREATS: dict[Language, dict[str, str]] = {
    "nl": {
        "EVICTION": "er dreigt een huisuitzetting",
        "DISCONNECTION": "er dreigt een afsluiting van gas, licht of water",
        "END_OF_INSURANCE": "de zorgverzekering dreigt te stoppen",
        "END_OF_DELIVERY": "de levering van energie stopt",
        "OTHER": "er dreigt iets anders dat ernstig is, zoals een beslag",
    },
    "en": {
        "EVICTION": "an eviction threatens",
        "DISCONNECTION": "a disconnection of gas, electricity or water threatens",
        "END_OF_INSURANCE": "the health insurance threatens to end",
        "END_OF_DELIVERY": "the delivery of energy ends",
        "OTHER": "something else that is serious threatens, such as an attachment",
    },
}
# {who} reported {what} {on}.
THREAT: dict[Language, tuple[str, str, str]] = {
    "nl": ("{who} meldde: {what}{on}", " op {day}", "; "),
    "en": ("{who} reported: {what}{on}", " on {day}", "; "),
}

# What is not paid, as people call it.
KINDS: dict[Language, dict[str, str]] = {
    "nl": {
        "RENT": "huur",
        "HEALTH": "zorgpremie",
        "ENERGY": "energie",
        "WATER": "water",
        "MORTGAGE": "hypotheek",
        "INCOME_TAX": "belasting",
        "BENEFITS_RECLAIM": "terug te betalen toeslag",
        "STUDENT_DEBT": "studieschuld",
        "CARE_CONTRIBUTION": "eigen bijdrage voor zorg",
        "HEALTH_DEFAULTERS": "zorgpremie aan het CAK",
        "MUNICIPAL_TAX": "gemeentelijke belasting",
        "OTHER": "vaste lasten",
    },
    "en": {
        "RENT": "rent",
        "HEALTH": "health insurance premium",
        "ENERGY": "energy",
        "WATER": "water",
        "MORTGAGE": "mortgage",
        "INCOME_TAX": "tax",
        "BENEFITS_RECLAIM": "benefits to be paid back",
        "STUDENT_DEBT": "student debt",
        "CARE_CONTRIBUTION": "own contribution to care",
        "HEALTH_DEFAULTERS": "health insurance premium by CAK",
        "MUNICIPAL_TAX": "municipal tax",
        "OTHER": "fixed bills",
    },
}

# One, and more than one.
UNITS: dict[Language, dict[str, tuple[str, str]]] = {
    "nl": {"months": ("maand", "maanden"), "days": ("dag", "dagen")},
    "en": {"months": ("month", "months"), "days": ("day", "days")},
}
MONTHS: dict[Language, tuple[str, ...]] = {
    "nl": ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september",
           "oktober", "november", "december"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December"),
}  # fmt: skip

ENDINGS: dict[Language, dict[str, str]] = {
    "nl": {
        "PAID": "Alles is betaald: er wordt geen hulp meer aangeboden.",
        "WITHDRAWN": "De meldingen zijn ingetrokken of hadden niet mogen komen.",
        "PAUSED": "Hulp is aangenomen: de schuldeisers is gevraagd te wachten met innen.",
        "HANDLED": "Het aanbod van hulp is afgerond. Dezelfde achterstand telt voorlopig niet opnieuw.",
        "OBJECTED": "De bewoner heeft bezwaar gemaakt: er wordt niets gemeld.",
        "PLANNED": "Er loopt een betalingsregeling: zolang die loopt is geen hulp nodig.",
        "BELOW_MINIMUM": "Wat open staat is minder dan het bedrag waarvoor de gemeente hulp aanbiedt.",
        "SILENT": "De meldingen zijn verouderd: niemand heeft ze herhaald.",
    },
    "en": {
        "PAID": "Everything is paid: no help is offered any more.",
        "WITHDRAWN": "The reports were withdrawn, or should not have come.",
        "PAUSED": "Help was accepted: the creditors were asked to wait with collection.",
        "HANDLED": "The offer of help was concluded. The same arrears do not count again for now.",
        "OBJECTED": "The resident objected: nothing is told.",
        "PLANNED": "A payment plan runs: while it is kept no help is needed.",
        "BELOW_MINIMUM": "What stands is less than the amount for which the municipality offers help.",
        "SILENT": "The reports are out of date: nobody repeated them.",
    },
}

OVERRULES: dict[Language, dict[str, str]] = {
    "nl": {
        "RAISE": "Een medewerker heeft dit hoger gezet",
        "LOWER": "Een medewerker heeft dit lager gezet",
        "HOLD": "Een medewerker houdt dit zoals het was",
    },
    "en": {
        "RAISE": "A worker has put this higher",
        "LOWER": "A worker has put this lower",
        "HOLD": "A worker keeps this as it was",
    },
}

BANDS: dict[Language, dict[str, str]] = {
    "nl": {"URGENT": "spoed", "HIGH": "hoog", "MEDIUM": "midden", "LOW": "laag"},
    "en": {"URGENT": "urgent", "HIGH": "high", "MEDIUM": "medium", "LOW": "low"},
}

# What stands around the sentences. A block begins with its question.
FRAME: dict[Language, dict[str, str]] = {
    "nl": {
        "why": "Waarom staat dit adres op deze plek?",
        "purpose": "Deze punten bepalen alleen wie het eerst hulp krijgt aangeboden. "
        "Schuldeisers krijgen ze niet te zien.",
        "together": "Samen: {points} punten.",
        "points": "({points} punten)",
        "until": "tot en met",
        "bands": "Wat betekenen de punten?",
        "from": "Vanaf {points} punten: {band}.",
        "else": "Met minder punten: {band}.",
        "can": "Wat kunt u doen?",
        "steps": "- Wilt u hulp? Die is gratis, en u mag ook nee zeggen.\n"
        "- Klopt er iets niet? Zeg het ons. Dan kijken wij het na.\n"
        "- Wilt u niet dat schuldeisers u melden? Dan kunt u bezwaar maken.",
        "call": "Bel de gemeente: {contact}.",
        "call_anyone": "Bel of mail de gemeente.",
        "counted": "Geteld op {day}, met de regels {policy}.",
    },
    "en": {
        "why": "Why does this address stand where it stands?",
        "purpose": "These points only decide who is offered help first. Creditors do not see them.",
        "together": "Together: {points} points.",
        "points": "({points} points)",
        "until": "until",
        "bands": "What do the points mean?",
        "from": "From {points} points: {band}.",
        "else": "With fewer points: {band}.",
        "can": "What can you do?",
        "steps": "- Do you want help? It is free, and you may say no.\n"
        "- Is something not right? Tell us. Then we look into it.\n"
        "- Do you not want creditors to report you? Then you can object.",
        "call": "Call the municipality: {contact}.",
        "call_anyone": "Call or e-mail the municipality.",
        "counted": "Counted on {day}, by the rules {policy}.",
    },
}

# What is counted in hundredths; the rest is counted whole.
IN_HUNDREDTHS = frozenset({"arrears", "growth"})


def in_words(facts: dict[str, Any], language: Language, contact: str | None = None) -> str:
    """Return an explanation's facts in plain words, in blocks that each begin with a question.

    `contact` is how to reach the municipality, such as a telephone number.
    """
    frame = FRAME[language]
    why = [frame["why"], frame["purpose"]]
    for part in facts["contributions"]:
        points = frame["points"].format(points=_number(part["points"], 100, language))
        why.append(f"- {_sentence(part, facts, language)} {points}")
    if facts["ended_by"] != "OPEN":
        why.append(ENDINGS[language][facts["ended_by"]])
    why.append(frame["together"].format(points=_number(facts["score"], 100, language)))
    overrule = facts["overrule"]
    if overrule is not None:
        until = f"{frame['until']} {_day(overrule['until'], language)}"
        why.append(f"{OVERRULES[language][overrule['kind']]} ({until}): {overrule['reason']}")
    call = frame["call"].format(contact=contact) if contact else frame["call_anyone"]
    can = [frame["can"], frame["steps"], call]
    if "on" in facts:
        can.append(frame["counted"].format(day=_day(facts["on"], language), policy=facts["policy"]))
    blocks = [why, [frame["bands"], *_bands(facts, language)] if "bands" in facts else [], can]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _bands(facts: dict[str, Any], language: Language) -> Iterator[str]:
    """Yield the points at which each band starts, highest first; the lowest covers the rest."""
    frame, names = FRAME[language], BANDS[language]
    bands = sorted(facts["bands"].items(), key=lambda each: -each[1])
    for band, enter in bands[:-1]:
        yield frame["from"].format(points=_number(enter, 100, language), band=names[band])
    yield frame["else"].format(band=names[bands[-1][0]])


def _sentence(part: dict[str, Any], facts: dict[str, Any], language: Language) -> str:
    what = part["what"]
    counted = _number(part["quantity"], 100 if what in IN_HUNDREDTHS else 1, language)
    said: dict[str, str] = {unit: forms[counted != "1"] for unit, forms in UNITS[language].items()}
    sentence = SENTENCES[language][what]
    if what == "arrears" and "amount_cents" in part:
        sentence = FULLER[language][what]
        said |= {
            "euros": _euros(part["amount_cents"], language),
            "reported": _day(part["reported_on"], language),
        }
    elif what == "threatening" and facts.get("threats"):
        sentence = FULLER[language][what]
        threats = [each for each in facts["threats"] if each["kind"] != NOT_THREATENING]
        said["threats"] = _threats(threats or facts["threats"], language)
    elif what == "nearness" and "on" in facts:
        sentence = FULLER[language][what if part["quantity"] else "nearness-today"]
        said["day"] = _day(facts["on"] + part["quantity"], language)
        if facts["threats"] and not _is_named(facts["threats"][0], facts):
            sentence = "{first}. " + sentence
            said["first"] = _threats(facts["threats"][:1], language)
    # What was sealed by an older version does not say the kind.
    kind = KINDS[language][part.get("partner_type") or "OTHER"]
    return sentence.format(n=counted, creditor=part.get("creditor"), kind=kind, **said)


def _is_named(threat: dict[str, Any], facts: dict[str, Any]) -> bool:
    """Return whether the sentence on threats mentions it: never the end of a delivery."""
    threatening = any(each["what"] == "threatening" for each in facts["contributions"])
    return threatening and threat["kind"] != NOT_THREATENING


def _threats(threats: list[dict[str, Any]], language: Language) -> str:
    threat, on, between = THREAT[language]
    return between.join(
        threat.format(
            who=each["creditor"],
            what=THREATS[language].get(each["kind"], THREATS[language]["OTHER"]),
            on="" if each["on"] is None else on.format(day=_day(each["on"], language)),
        )
        for each in threats
    )


def _number(value: int, per: int, language: Language) -> str:
    if per == 1:
        return str(value)
    whole, rest = divmod(value, per)
    mark = "," if language == "nl" else "."
    return str(whole) if not rest else f"{whole}{mark}{rest:02d}".rstrip("0")


def _euros(cents: int, language: Language) -> str:
    """Return an amount as on a bill: with cents only if there are any."""
    whole, rest = divmod(cents, 100)
    thousands, mark = (".", ",") if language == "nl" else (",", ".")
    grouped = f"{whole:,}".replace(",", thousands)
    return f"{grouped}{mark}{rest:02d}" if rest else grouped


def _day(day: EpochDay, language: Language) -> str:
    on = EPOCH + timedelta(day)
    return f"{on.day} {MONTHS[language][on.month - 1]} {on.year}"
