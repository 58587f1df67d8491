"""The page's languages."""

from __future__ import annotations

from eropaf.worth.dutch import NL
from eropaf.worth.english import EN
from eropaf.worth.words import Language, Words

WORDS: dict[Language, Words] = {"en": EN, "nl": NL}
