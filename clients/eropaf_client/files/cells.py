"""What a cell says, whatever it looks like: two that look alike must not be two contracts."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

# What programs write where there is nothing.
NOTHING = frozenset(
    {"NULL", "null", "Null", "NaN", "nan", "NAN", "None", "none", "<NA>", "N/A", "n/a", "#N/A", "#N/B", "\\N"}
)
DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
# Digits with an exponent, as Excel shows a long number: those that are not shown are lost.
SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+[0-9]+")
FLOAT = re.compile(r"[0-9]+[.,]0+")
# What a spreadsheet makes of 3-2: a date in its own words, or in ours.
MONTH = "(?:jan|feb|mrt|mar|apr|mei|may|jun|jul|aug|sep|okt|oct|nov|dec)[a-z]*"
DATE = re.compile(
    rf"(?:[0-9]{{1,4}}[-/][0-9]{{1,2}}[-/][0-9]{{1,4}}|[0-9]{{1,2}}[-/ ]{MONTH}(?:[-/ ][0-9]{{2,4}})?"
    rf"|{MONTH}[-/ ][0-9]{{2,4}})(?:[ T][0-9:.]+)?",
    re.IGNORECASE,
)
# This library's own mark, and a spreadsheet's, of text that must not become a formula.
MARKED = re.compile(r"'[=+\-@\t\r]")

NULL_WORDS = "that say NULL, NaN or N/A, read as empty"
INVISIBLE = "with invisible characters, read without them"


def cleaned(text: str, noted: Counter[str]) -> str:
    """Return what `text` says: without invisible characters and surrounding spaces, composed (NFC).

    What was left out is counted in `noted`.
    """
    if not text.isascii():
        seen = "".join(
            " " if unicodedata.category(each) == "Zs" else each
            for each in unicodedata.normalize("NFC", text)
            if unicodedata.category(each) != "Cf"
        )
        if len(seen) != len(unicodedata.normalize("NFC", text)):
            noted[INVISIBLE] += 1
        text = seen
    text = text.strip()
    if text in NOTHING:
        noted[NULL_WORDS] += 1
        return ""
    return text[1:] if MARKED.match(text) else text
