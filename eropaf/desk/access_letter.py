"""A letter in plain words, in Dutch at level B1 and in English, on what is held about a household.

It goes with the full document, on paper or on the resident's own page. Each block begins with its question.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from eropaf.agents.topology import AUDIT_DAYS, REJECTED_DAYS
from eropaf.board.words import WORDS
from eropaf.risk.calendar import EPOCH
from eropaf.risk.plain_words import KINDS, MONTHS, Language, in_words
from eropaf.risk.policy import Policy
from eropaf.risk.zone import CivilZone

DAYS_OF_A_YEAR = 365
DUTCH_MARKS = str.maketrans(".,", ",.")
LISTED = ("LOW", "MEDIUM", "HIGH", "URGENT")

# What a creditor said last of a contract; anything else is arrears that are open.
SAID: dict[Language, dict[str, str]] = {
    "nl": {
        "PAID": "er is betaald",
        "WITHDRAWN": "de melding geldt niet meer",
        "PLAN_AGREED": "u hebt een afspraak over {euros} euro",
        "OPEN": "er is nog {euros} euro niet betaald",
    },
    "en": {
        "PAID": "it is paid",
        "WITHDRAWN": "the report no longer counts",
        "PLAN_AGREED": "you have an agreement on {euros} euros",
        "OPEN": "{euros} euros are not paid yet",
    },
}
FRAME: dict[Language, dict[str, str]] = {
    "nl": {
        "date": "Datum: {}",
        "subject": "Onderwerp: welke gegevens wij van u hebben",
        "intro": "U vroeg welke gegevens de gemeente van u heeft voor vroegsignalering. Hieronder staat het "
        "antwoord. In de bijlage staan alle gegevens.",
        "ground": "Waarom hebben wij deze gegevens?\nBedrijven melden het bij de gemeente als iemand vaste "
        "lasten niet betaalt. Dat staat in de wet. De gemeente biedt dan hulp aan. U mag die weigeren.",
        "reports": "Wat is er gemeld?",
        "no_reports": "Er staat nu geen melding open.",
        "report": "- {who} meldde op {day}: {said} ({kind}).",
        "place": "Wat doen wij daarmee?",
        "listed": "Uw adres staat op de lijst van adressen waar wij hulp aanbieden. Waarom staat daar niet "
        "bij.",
        "unlisted": "Uw adres staat niet op de lijst van adressen waar wij hulp aanbieden.",
        "objected": "Voor dit adres is bezwaar gemaakt. Daarom gebruiken wij de meldingen niet.",
        "objects": "U hebt bezwaar gemaakt. Daarom gebruiken wij de meldingen niet.",
        "waits": "Wij weten niet op welk adres u woont. Tot wij dat weten, doen wij niets met de melding.",
        "NOT_ALONE": "Wij komen met twee mensen bij u langs. Dat geldt tot en met {}.",
        "OFFICE_ONLY": "Wij komen niet langs, maar praten graag op ons kantoor. Dat geldt tot en met {}.",
        "looks": "Wie heeft gekeken?",
        "nobody": "Niemand heeft uw gegevens geopend.",
        "no_day": "een dag die niet klopt",
        "look": "- Op {day}: {what}. Reden: {purpose}.",
        "kept": "Hoe lang bewaren wij dit?\n- Meldingen wissen wij na hooguit {days} dagen zonder nieuws.\n"
        "- Een bezwaar bewaren wij zolang het geldt.\n- Wie keek, bewaren wij {years} jaar.",
        "can": "Wat kunt u doen?\n- Klopt er iets niet? Laat het ons weten. Dan verbeteren wij het.\n"
        "- Wilt u niet dat bedrijven u nog melden? Maak dan bezwaar.\n"
        "- Wilt u dat wij uw gegevens wissen? Vraag het ons.\n"
        "- Bent u het niet met ons eens? U kunt klagen bij de Autoriteit Persoonsgegevens.",
        "call": "- Hebt u een vraag? Bel de gemeente: {}.",
    },
    "en": {
        "date": "Date: {}",
        "subject": "Subject: which data we hold about you",
        "intro": "You asked which data the municipality holds about you for early signalling. This is the "
        "answer. All data are in the attachment.",
        "ground": "Why do we hold these data?\nCompanies tell the municipality when somebody does not pay "
        "fixed bills. The law says so. The municipality then offers help. You may refuse it.",
        "reports": "What was reported?",
        "no_reports": "No report is open now.",
        "report": "- {who} reported on {day}: {said} ({kind}).",
        "place": "What do we do with it?",
        "listed": "Your address is on the list of addresses where we offer help. The list does not say why.",
        "unlisted": "Your address is not on the list of addresses where we offer help.",
        "objected": "There is an objection for this address. So we do not use the reports.",
        "objects": "You objected. So we do not use the reports.",
        "waits": "We do not know at which address you live. Until we do, we do nothing with the report.",
        "NOT_ALONE": "Two of us come to your door. This applies until {}.",
        "OFFICE_ONLY": "We do not come to your door, but like to talk at our office. This applies until {}.",
        "looks": "Who looked?",
        "nobody": "Nobody has opened your data.",
        "no_day": "a day that cannot be right",
        "look": "- On {day}: {what}. Reason: {purpose}.",
        "kept": "How long do we keep this?\n- We erase reports after {days} days without news at most.\n"
        "- We keep an objection for as long as it stands.\n- We keep who looked for {years} years.",
        "can": "What can you do?\n- Is something not right? Tell us. Then we correct it.\n"
        "- Do you not want companies to report you any more? Then object.\n"
        "- Do you want us to erase your data? Ask us.\n"
        "- Do you not agree with us? You can complain to the Autoriteit Persoonsgegevens.",
        "call": "- Do you have a question? Call the municipality: {}.",
    },
}


def letter(
    held: dict[str, Any],
    today: date,
    policy: Policy,
    language: Language,
    *,
    facts: dict[str, Any] | None = None,
    contact: str | None = None,
) -> str:
    """Return the letter for `held`, whose days and moments are already dates (`eropaf/desk/dated.py`).

    Days are civil days in the policy's zone. `facts` are the explanation's as they were sealed; `contact` is
    how to reach the municipality.
    """
    frame, zone = FRAME[language], policy.zone
    return "\n\n".join(
        [
            frame["date"].format(_day(today, language)),
            frame["subject"],
            frame["intro"],
            frame["ground"],
            "\n".join([frame["reports"], *_reports(held, zone, language)]),
            "\n".join([frame["place"], *_place(held, frame), *_visits(held, today, language)]),
            *_why(facts, language),
            "\n".join([frame["looks"], *_looks(held, zone, language)]),
            frame["kept"].format(days=_kept_days(policy), years=AUDIT_DAYS // DAYS_OF_A_YEAR),
            "\n".join([frame["can"], *([frame["call"].format(contact)] if contact else [])]),
        ]
    ) + "\n"  # fmt: skip


def _reports(held: dict[str, Any], zone: CivilZone, language: Language) -> Iterator[str]:
    frame = FRAME[language]
    waiting = [each["signal"] for resident in held["residents"] for each in resident["waiting"]]
    positions = [*(held["state"] or {}).get("positions", []), *waiting]
    if not positions:
        yield frame["no_reports"]
    for each in positions:
        said = SAID[language].get(each["kind"], SAID[language]["OPEN"])
        yield frame["report"].format(
            who=each["creditor"],
            day=_civil(each["reported_at"], zone, language),
            said=said.format(euros=_euros(each["amount_cents"], language)),
            kind=KINDS[language].get(each["partner_type"], KINDS[language]["OTHER"]),
        )


def _place(held: dict[str, Any], frame: dict[str, str]) -> Iterator[str]:
    state = held["state"] or {}
    listed = held["told"] is not None and held["told"]["band"] in LISTED
    yield frame["listed" if listed else "unlisted"]
    if state.get("objected") or state.get("objectors"):
        yield frame["objected"]
    if any(each["objected_at"] is not None for each in held["residents"]):
        yield frame["objects"]
    if any(each["waiting"] for each in held["residents"]):
        yield frame["waits"]


def _visits(held: dict[str, Any], today: date, language: Language) -> Iterator[str]:
    """Yield how workers come to an address that is marked as unsafe to visit."""
    for each in held["safety"]:
        until = date.fromisoformat(each["until"])
        if until >= today:
            frame = FRAME[language]
            yield frame.get(each["level"], frame["OFFICE_ONLY"]).format(_day(until, language))


def _why(facts: dict[str, Any] | None, language: Language) -> list[str]:
    """Return the explanation's blocks but the last, which says what can be done, as this letter does."""
    return [] if facts is None else in_words(facts, language).split("\n\n")[:-1]


def _looks(held: dict[str, Any], zone: CivilZone, language: Language) -> Iterator[str]:
    frame = FRAME[language]
    if not held["opened"]:
        yield frame["nobody"]
    for each in held["opened"]:
        day = _civil(each["at"], zone, language)
        what, purpose = (_word(part, each[part], language) for part in ("what", "purpose"))
        yield frame["look"].format(day=day, what=what, purpose=purpose)


def _word(kind: str, code: str, language: Language) -> str:
    """Return what a trace says, as the middle of a sentence."""
    said = WORDS[language].get(f"{kind}.{code}", code)
    return f"{said[0].lower()}{said[1:]}"


def _euros(cents: int, language: Language) -> str:
    said = f"{cents / 100:,.2f}"
    return said.translate(DUTCH_MARKS) if language == "nl" else said


def _kept_days(policy: Policy) -> int:
    """Return after how many days without news nothing of a signal is kept anywhere, by any rule."""
    return max(-policy.knows_contracts_since(0), REJECTED_DAYS)


def _civil(moment: str | int, zone: CivilZone, language: Language) -> str:
    """Return the day of a moment; one that no calendar reaches stands in a document as its number."""
    if isinstance(moment, int):
        return FRAME[language]["no_day"]
    at = datetime.fromisoformat(moment)
    return _day(EPOCH + timedelta(zone.day_of(int(at.timestamp() * 1000))), language)


def _day(day: date, language: Language) -> str:
    return f"{day.day} {MONTHS[language][day.month - 1]} {day.year}"
