"""Looking for a word in a text that also holds what was counted or drawn."""

from __future__ import annotations

import re


def mentions(text: str, word: str) -> bool:
    """Return whether `word` stands in `text` by itself: as a part of another it is there by chance."""
    return re.search(rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])", text) is not None
