"""What schemathesis cannot know of the contract: values of our own formats, and what a file holds.

It loads this by itself, in a process of its own (test_contract_fuzzed.py).
"""

from __future__ import annotations

import json
import os
from io import BytesIO
from typing import Any

import schemathesis
from hypothesis import strategies as st
from openpyxl import Workbook

COLUMNS = (
    "signal_id", "contract", "kind", "partner_type", "amount_eur", "reported_at", "version", "postcode",
    "house_number",
)  # fmt: skip
NDJSON = "application/x-ndjson"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DAY = "2026-03-02"

NUMBERS = st.integers(1, 10**6)


def row(number: int) -> list[str]:
    return [f"F-{number}", f"C-{number}", "REPORTED", "RENT", "900", DAY, "1", "1011AB", "9"]


def csv(number: int) -> bytes:
    return "\n".join([",".join(COLUMNS), ",".join(row(number))]).encode()


def excel(number: int) -> bytes:
    book, file = Workbook(), BytesIO()
    sheet: Any = book.active
    for each in (list(COLUMNS), row(number)):
        sheet.append(each)
    book.save(file)
    return file.getvalue()


def lines(number: int) -> bytes:
    told = {
        "signal_id": f"L-{number}", "contract": f"C-{number}", "kind": "REPORTED", "partner_type": "RENT",
        "amount_cents": 90_000, "reported_at": f"{DAY}T09:30:00Z", "version": 1,
        "resident": {"postcode": "1011 AB", "house_number": "9"},
    }  # fmt: skip
    return json.dumps(told).encode() + b"\n"


# The rule that the dates of one body have among themselves is none that a schema can say.
schemathesis.openapi.format("date", st.just(DAY))
schemathesis.openapi.format("date-time", st.sampled_from([f"{DAY}T09:30:00Z", f"{DAY}T23:30:00.5+01:00"]))
schemathesis.openapi.format("cursor", st.just(os.environ["CURSOR"]))
# Questions are on another topic than feedback, and have cursors of their own.
schemathesis.openapi.format("cursor-of-questions", st.just(os.environ.get("CURSOR_OF_QUESTIONS", "")))
schemathesis.openapi.format("visible", st.text("abcXYZ0189-./é", min_size=1, max_size=200))
schemathesis.openapi.format("bsn", st.just("123456782"))
schemathesis.openapi.format("postcode", st.sampled_from(["1011 AB", "3511ax", "9999-ZZ"]))
schemathesis.openapi.format("house-number", st.sampled_from(["7", "12 hs", "99999", "3-2"]))
schemathesis.openapi.format("addition", st.sampled_from(["", "A", "bis", "2 hoog"]))
schemathesis.openapi.media_type(NDJSON, NUMBERS.map(lines))
schemathesis.openapi.media_type("text/csv", NUMBERS.map(csv))
schemathesis.openapi.media_type(EXCEL, NUMBERS.map(excel))


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """Let an outcome be of a household that is on the list."""
    if context.operation.definition.raw.get("operationId") == "postOutcomes" and isinstance(body, dict):
        household = body.get("household")
        if isinstance(household, str) and len(household) == 32:
            body["household"] = os.environ["HOUSEHOLD"]
    return body
