"""The text of a cell, normalised: two that look alike must not become two contracts."""

from __future__ import annotations

import re
from collections import Counter

from eropaf_client.schemas.looks import NOTHING, hides, seen

# The mark, ours and a spreadsheet's, of text that must not become a formula.
MARKED = re.compile(r"'[=+\-@\t\r]")

NULL_WORDS = "that say NULL, NaN or N/A, read as empty"
INVISIBLE = "with invisible characters, read without them"


def cleaned(text: str, noted: Counter[str]) -> str:
    """Return `text` without invisible characters and surrounding spaces, in NFC.

    Removals are counted in `noted`.
    """
    said = _unmarked(text.strip())
    if hides(said):
        noted[INVISIBLE] += 1
    shown = seen(said)
    if shown in NOTHING:
        noted[NULL_WORDS] += 1
        return ""
    # A mark after invisible characters.
    return shown if shown == said else _unmarked(shown)


def _unmarked(text: str) -> str:
    return text[1:] if MARKED.match(text) else text
