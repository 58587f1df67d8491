"""A letter in Dutch, at level B1, on what is held about a household, to go with the full document."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from eropaf.board.words import WORDS
from eropaf.risk.calendar import EPOCH
from eropaf.risk.plain_words import KINDS
from eropaf.risk.zone import CivilZone

MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
    "november", "december",
)  # fmt: skip
# What a creditor said last of a contract; anything else is arrears that are open.
SAID = {
    "PAID": "er is betaald",
    "WITHDRAWN": "de melding geldt niet meer",
    "PLAN_AGREED": "u hebt een afspraak over {euros} euro",
}
OPEN = "er is nog {euros} euro niet betaald"
LISTED = ("LOW", "MEDIUM", "HIGH", "URGENT")


def letter(held: dict[str, Any], today: date, zone: CivilZone) -> str:
    """Return the letter for `held`, whose days and moments are already dates (`eropaf/dated.py`).

    Days are civil days in `zone`.
    """
    return "\n\n".join(
        [
            f"Datum: {_day(today)}",
            "Onderwerp: welke gegevens wij van u hebben",
            "U vroeg welke gegevens de gemeente van u heeft voor vroegsignalering. Hieronder staat het "
            "antwoord. In de bijlage staan alle gegevens.",
            "Waarom hebben wij deze gegevens?\nBedrijven melden het bij de gemeente als iemand vaste lasten "
            "niet betaalt. Dat staat in de wet. De gemeente biedt dan hulp aan. U mag die weigeren.",
            "Wat is er gemeld?\n" + "\n".join(_reports(held, zone)),
            "Wat doen wij daarmee?\n" + _place(held),
            "Wie heeft gekeken?\n" + "\n".join(_looks(held, zone)),
            "Wat kunt u doen?\n- Klopt er iets niet? Laat het ons weten. Dan verbeteren wij het.\n"
            "- Wilt u niet dat bedrijven u nog melden? Maak dan bezwaar.\n"
            "- Wilt u dat wij uw gegevens wissen? Vraag het ons.\n"
            "- Bent u het niet met ons eens? U kunt klagen bij de Autoriteit Persoonsgegevens.",
        ]
    ) + "\n"  # fmt: skip


def _reports(held: dict[str, Any], zone: CivilZone) -> Iterator[str]:
    positions = (held["state"] or {}).get("positions", [])
    if not positions:
        yield "Er staat nu geen melding open."
    for each in positions:
        euros = f"{each['amount_cents'] / 100:.2f}".replace(".", ",")
        kind = KINDS["nl"].get(each["partner_type"], KINDS["nl"]["OTHER"])
        when = _day(_civil(each["reported_at"], zone))
        said = SAID.get(each["kind"], OPEN).format(euros=euros)
        yield f"- {each['creditor']} meldde op {when}: {said} ({kind})."


def _place(held: dict[str, Any]) -> str:
    if held["told"] is not None and held["told"]["band"] in LISTED:
        return "Uw adres staat op de lijst van adressen waar wij hulp aanbieden. Waarom staat daar niet bij."
    return "Uw adres staat niet op de lijst van adressen waar wij hulp aanbieden."


def _looks(held: dict[str, Any], zone: CivilZone) -> Iterator[str]:
    if not held["opened"]:
        yield "Niemand heeft uw gegevens geopend."
    for each in held["opened"]:
        purpose = WORDS["nl"].get(f"purpose.{each['purpose']}", each["purpose"])
        when = _day(_civil(each["at"], zone))
        yield f"- Op {when}. Reden: {purpose[0].lower()}{purpose[1:]}."


def _civil(moment: str, zone: CivilZone) -> date:
    at = datetime.fromisoformat(moment)
    return EPOCH + timedelta(zone.day_of(int(at.timestamp() * 1000)))


def _day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
