"""Why a household stands where it stands: facts and points, and the same in plain words.

The facts are whole numbers and codes; the words are made from them alone, so the same facts always
read the same. Points add up to the score exactly.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, Literal

from eropaf.risk.events import EpochDay, Overrule
from eropaf.risk.frozen import dataclass
from eropaf.risk.policy import EPOCH
from eropaf.risk.score import Assessment, Points
from eropaf.risk.told import HouseholdRisk

Language = Literal["nl", "en"]

# A thousand contracts with long names make more than the topic takes; nobody reads a thousand lines.
LARGEST_CONTRIBUTIONS = 512 * 1024
# With a decision's reason, whose length the command that takes it bounds.
LARGEST_FACTS = LARGEST_CONTRIBUTIONS + 64 * 1024
# What stands for the contributions that were left out.
REST = "rest"


@dataclass(frozen=True, slots=True)
class Explained:
    """A risk, what it came from, and a worker's decision that holds."""

    risk: HouseholdRisk
    assessment: Assessment
    overrule: Overrule | None

    def facts(self) -> bytes:
        """Return the facts as JSON, always the same bytes for the same facts, LARGEST_FACTS at most."""
        risk, overrule = self.risk, self.overrule
        parts = [_as_fact(part) for part in self.assessment.contributions]
        facts = {
            "score": risk.score,
            "ended_by": risk.ended_by,
            "overrule": None if overrule is None else overrule.to_record(),
            "contributions": _cut(parts),
        }
        return _as_bytes(facts)


def _as_fact(part: Points) -> dict[str, Any]:
    return {
        "what": part.what,
        "creditor": part.creditor,
        "partner_type": part.partner_type,
        "contract": part.contract,
        "quantity": part.quantity,
        "points": part.points,
    }


def _cut(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return `parts`, in their order; where they are too large, those of most points, and the rest as one."""
    sizes = [len(_as_bytes(part)) + 1 for part in parts]
    if sum(sizes) <= LARGEST_CONTRIBUTIONS:
        return parts
    room, kept = LARGEST_CONTRIBUTIONS, set()
    for number in sorted(range(len(parts)), key=lambda number: (-parts[number]["points"], number)):
        if sizes[number] > room:
            break
        room -= sizes[number]
        kept.add(number)
    left = [part for number, part in enumerate(parts) if number not in kept]
    rest = {
        "what": REST,
        "creditor": None,
        "partner_type": None,
        "contract": None,
        "quantity": len(left),
        "points": sum(part["points"] for part in left),
    }
    return [*(parts[number] for number in sorted(kept)), rest]


def _as_bytes(facts: object) -> bytes:
    return json.dumps(facts, separators=(",", ":"), ensure_ascii=False).encode()


# One sentence for each rule, in each language. {n} is what was counted, {creditor} who signalled, of {kind}.
SENTENCES: dict[Language, dict[str, str]] = {
    "nl": {
        "arrears": "{n} {months} {kind} staat open bij {creditor}.",
        "growth": "De achterstand in {kind} bij {creditor} is {n} {months} groter dan bij de eerste melding.",
        "plan-broken": "Een betalingsregeling voor {kind} met {creditor} is niet gelukt.",
        "breadth": "Er zijn achterstanden bij {n} verschillende partijen tegelijk.",
        "persistence": "Ook in {n} eerdere {months} is een achterstand gemeld.",
        "threatening": "Er dreigt iets ernstigs, zoals een afsluiting, een huisuitzetting of een beslag.",
        "nearness": "De datum waarop iets dreigt of eindigt is over {n} {days}.",
        "handover": "Een schuldeiser heeft gesproken met de bewoner en vraagt om hulp over te nemen.",
        REST: "Verder tellen {n} andere onderdelen mee: te veel om op te noemen.",
        "minor-children": "Op dit adres wonen minderjarige kinderen, volgens het register van de gemeente.",
    },
    "en": {
        "arrears": "{n} {months} of {kind} not paid to {creditor}.",
        "growth": "The arrears of {kind} to {creditor} grew by {n} {months} since they were first reported.",
        "plan-broken": "A payment plan for {kind} with {creditor} did not work out.",
        "breadth": "There are arrears with {n} different parties at the same time.",
        "persistence": "Arrears were also reported in {n} earlier {months}.",
        "threatening": "Something serious threatens, such as a disconnection, an eviction or an attachment.",
        "nearness": "The date on which something threatens or ends is {n} {days} away.",
        "handover": "A creditor has spoken with the resident and asks to take over with help.",
        REST: "And {n} other parts count: too many to be listed.",
        "minor-children": "Minor children live at this address, by the municipality's register.",
    },
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

ENDINGS: dict[Language, dict[str, str]] = {
    "nl": {
        "PAID": "Alles is betaald: er wordt geen hulp meer aangeboden.",
        "WITHDRAWN": "De meldingen zijn ingetrokken of hadden niet mogen komen.",
        "PAUSED": "Hulp is aangenomen: de schuldeisers is gevraagd te wachten met incasso.",
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

HEADS: dict[Language, tuple[str, str, str, str]] = {
    "nl": (
        "Deze punten bepalen alleen wie het eerst hulp krijgt aangeboden.",
        "Samen",
        "punten",
        "tot en met",
    ),
    "en": ("These points only decide who is offered help first.", "Together", "points", "until"),
}

# What is counted in hundredths; the rest is counted whole.
IN_HUNDREDTHS = frozenset({"arrears", "growth"})


def in_words(facts: dict[str, Any], language: Language) -> str:
    """Give the facts of an explanation in plain words: a line for each contribution, then the sum."""
    head, together, points, until = HEADS[language]
    lines = [head]
    for part in facts["contributions"]:
        lines.append(f"- {_sentence(part, language)} ({_number(part['points'], 100, language)} {points})")
    if facts["ended_by"] != "OPEN":
        lines.append(ENDINGS[language][facts["ended_by"]])
    lines.append(f"{together}: {_number(facts['score'], 100, language)} {points}.")
    overrule = facts["overrule"]
    if overrule is not None:
        day = _day(overrule["until"])
        lines.append(f"{OVERRULES[language][overrule['kind']]} ({until} {day}): {overrule['reason']}")
    return "\n".join(lines)


def _sentence(part: dict[str, Any], language: Language) -> str:
    counted = _number(part["quantity"], 100 if part["what"] in IN_HUNDREDTHS else 1, language)
    units = {unit: forms[counted != "1"] for unit, forms in UNITS[language].items()}
    # What was sealed by an older version does not say the kind.
    kind = KINDS[language][part.get("partner_type") or "OTHER"]
    sentence = SENTENCES[language][part["what"]]
    return sentence.format(n=counted, creditor=part["creditor"], kind=kind, **units)


def _number(value: int, per: int, language: Language) -> str:
    if per == 1:
        return str(value)
    whole, rest = divmod(value, per)
    mark = "," if language == "nl" else "."
    return str(whole) if not rest else f"{whole}{mark}{rest:02d}".rstrip("0")


def _day(day: EpochDay) -> str:
    return (EPOCH + timedelta(day)).isoformat()
