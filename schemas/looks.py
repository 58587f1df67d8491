"""What programs make of a text: two that look alike are not to be two, nor two that differ one.

A spreadsheet makes 12 into 12.0 and 3-2 into a date, drops digits of a long number, and a copied text carries
characters that nobody sees. One table: for readers of files, for the client and for intake.
"""

from __future__ import annotations

import re
import unicodedata

# What is written where there is nothing.
NOTHING = frozenset(
    {"NULL", "null", "Null", "NaN", "nan", "NAN", "None", "none", "<NA>", "N/A", "n/a", "#N/A", "#N/B", "\\N"}
)
DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
# Digits with an exponent, as programs show a long number: those that are not shown are lost. 1E3 without a
# decimal mark or a plus may be meant: house 1, addition E3.
SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+[eE]\+?|[eE]\+)[0-9]+")
FLOAT = re.compile(r"[0-9]+[.,]0+")
# What a spreadsheet makes of 3-2: a date in its own words, or in ours. 12-1-3 is none: it has no year.
MONTH = (
    "(?:jan(?:uari|uary)?|feb(?:ruari|ruary)?|mrt|maart|mar(?:ch)?|apr(?:il)?|mei|may|jun[ie]?|jul[iy]?"
    "|aug(?:ustus|ust)?|sept?(?:ember)?|o[kc]t(?:ober)?|nov(?:ember)?|dec(?:ember)?)[.]?"
)
# As a spreadsheet writes it: MRT-001 and DEC-1001 are a creditor's own numbers.
YEAR = "(?:[0-9]{2}|(?:19|20)[0-9]{2})"
CLOCK = r"(?:[ T][0-9:.]+)?"
NAMED_DATE = re.compile(
    rf"(?:[0-9]{{1,2}}[-/ ]{MONTH}(?:[-/ ]{YEAR})?|{MONTH}[-/ ]{YEAR}){CLOCK}", re.IGNORECASE
)
DATE = re.compile(
    rf"(?:[0-9]{{4}}[-/][0-9]{{1,2}}[-/][0-9]{{1,2}}|[0-9]{{1,2}}[-/][0-9]{{1,2}}[-/](?:[0-9]{{2}}|[0-9]{{4}}))"
    rf"{CLOCK}"
)
# Unicode's property Default_Ignorable_Code_Point, but for what is a format character (Cf) anyway.
UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U000e0000-\U000e0fff]"
)


def seen(text: str) -> str:
    """Return what a person sees of `text`: nothing invisible, every space plain, none around, in NFC."""
    if text.isascii() and text.isprintable():
        return text.strip()
    shown = "".join(" " if each.isspace() else each for each in text if not _is_unseen(each))
    return unicodedata.normalize("NFC", shown).strip()


def hides(text: str) -> bool:
    """Return whether `text` holds an invisible character."""
    return not (text.isascii() and text.isprintable()) and any(map(_is_unseen, text))


def changed_to(text: str) -> str | None:
    """Return what a program made of a part of an address; None where it is as it was typed."""
    if FLOAT.fullmatch(text):
        return "a number with decimals"
    if DATE.fullmatch(text) or NAMED_DATE.fullmatch(text):
        return "a date"
    return "a number with an exponent" if SCIENTIFIC.fullmatch(text) else None


def _is_unseen(character: str) -> bool:
    if character.isspace():
        return False
    return unicodedata.category(character) in ("Cc", "Cf") or UNSEEN.match(character) is not None
