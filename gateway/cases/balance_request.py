"""Accepted help as a file in the terms of Schuldenknooppunt: a line each of a balance request (saldoverzoek).

The columns are those by which Schuldenknooppunt describes its CSV file (question part, A to K). We fill in
what we know; who they are and whom they owe the debt helper fills in, together with them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator

from eropaf.gateway.cases.accepted import Acceptance
from eropaf_client.files.writing import csv_line

COLUMNS = (
    "ConversatieReferentienummer",
    "Referentienummer",
    "Schuldhulpverlener",
    "Contactpersoon SHV",
    "KlantnummerSHV",
    "KlantnummerSEVolgensSHV",
    "TypeSchuldregeling",
    "Klant",
    "Partner",
    "Adres",
    "Vordering.FactuurnummerSEVolgensSHV",
)
SEPARATOR = ";"
# From it and a number follows the conversation's id: the same one whenever the file is written.
CONVERSATIONS = uuid.UUID("6c1b1ff2-4a5e-5d0e-9a55-3a3c0f6c8f0e")


def lines(acceptances: Iterable[Acceptance], debt_helper: str) -> Iterator[str]:
    """Yield the lines of the file, its heading first. It says where, and nothing of why or how much."""
    yield csv_line(COLUMNS, SEPARATOR, "\r\n")
    for each in acceptances:
        known = {
            "ConversatieReferentienummer": str(uuid.uuid5(CONVERSATIONS, each.number)),
            "Referentienummer": each.number,
            "Schuldhulpverlener": debt_helper,
            "Adres": _address(each),
        }
        yield csv_line([known.get(column, "") for column in COLUMNS], SEPARATOR, "\r\n")


def _address(acceptance: Acceptance) -> str:
    """Return the parts that a household's key has, in the order of the description: no street, no place."""
    postcode, number, addition = acceptance.address
    return ", ".join(part for part in (str(number), addition, postcode) if part)
