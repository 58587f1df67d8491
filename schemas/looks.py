"""How programs alter text: two values that look alike must not count as two, nor two that differ as one.

A spreadsheet turns 12 into 12.0 and 3-2 into a date, drops digits of a long number, and copied text carries
invisible characters. One set of rules for the file readers, the client and intake.
"""

from __future__ import annotations

import re
import unicodedata

# Placeholders for an empty value.
NOTHING = frozenset(
    {"NULL", "null", "Null", "NaN", "nan", "NAN", "None", "none", "<NA>", "N/A", "n/a", "\\N"}
)
# A spreadsheet's errors, in English and Dutch. #N/A too is no empty cell: a lookup failed, and what it was
# to find may be there.
ERRORS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
    | {"#N/B", "#VERW!", "#WAARDE!", "#NAAM?", "#DEEL/0!", "#GETAL!", "#LEEG!", "#OVERLOOP!", "#BEREKENEN!"}
)
DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
# Digits with an exponent, as programs display a long number; the digits not displayed are lost. 1E3 without a
# decimal mark or plus may be genuine: house 1, addition E3.
SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+[eE]\+?|[eE]\+)[0-9]+")
FLOAT = re.compile(r"[0-9]+[.,]0+")
# What a spreadsheet turns 3-2 into: a date, in English or Dutch. 12-1-3 is not one: it has no year.
MONTH = (
    "(?:jan(?:uari|uary)?|feb(?:ruari|ruary)?|mrt|maart|mar(?:ch)?|apr(?:il)?|mei|may|jun[ie]?|jul[iy]?"
    "|aug(?:ustus|ust)?|sept?(?:ember)?|o[kc]t(?:ober)?|nov(?:ember)?|dec(?:ember)?)[.]?"
)
# As a spreadsheet writes it: MRT-001 and DEC-1001 are creditors' own numbers.
YEAR = "(?:[0-9]{2}|(?:19|20)[0-9]{2})"
CLOCK = r"(?:[ T][0-9:.]+)?"
NAMED_DATE = re.compile(
    rf"(?:[0-9]{{1,2}}[-/ ]{MONTH}(?:[-/ ]{YEAR})?|{MONTH}[-/ ]{YEAR}){CLOCK}", re.IGNORECASE
)
DATE = re.compile(
    rf"(?:[0-9]{{4}}[-/][0-9]{{1,2}}[-/][0-9]{{1,2}}|[0-9]{{1,2}}[-/][0-9]{{1,2}}[-/](?:[0-9]{{2}}|[0-9]{{4}}))"
    rf"{CLOCK}"
)
# Unicode's Default_Ignorable_Code_Point, except format characters (Cf), which are covered anyway.
UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U000e0000-\U000e0fff]"
)


def seen(text: str) -> str:
    """Return the visible part of `text`: no invisible characters, plain spaces, trimmed, in NFC."""
    if text.isascii() and text.isprintable():
        return text.strip()
    shown = "".join(" " if each.isspace() else each for each in text if not _is_unseen(each))
    return unicodedata.normalize("NFC", shown).strip()


def hides(text: str) -> bool:
    """Return whether `text` holds an invisible character."""
    return not (text.isascii() and text.isprintable()) and any(map(_is_unseen, text))


def changed_to(text: str) -> str | None:
    """Return what a program turned a part of an address into; None if it is as typed."""
    if not text or text.isalnum():  # most are, and each of the forms below has a sign in it
        return None
    if text in ERRORS:
        return "a spreadsheet's error"
    if FLOAT.fullmatch(text):
        return "a number with decimals"
    if DATE.fullmatch(text) or NAMED_DATE.fullmatch(text):
        return "a date"
    return "a number with an exponent" if SCIENTIFIC.fullmatch(text) else None


def _is_unseen(character: str) -> bool:
    if character.isspace():
        return False
    return unicodedata.category(character) in ("Cc", "Cf") or UNSEEN.match(character) is not None
