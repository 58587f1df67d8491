"""The board's texts, in Dutch and English: one file per language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources

LANGUAGES = ("nl", "en")


def _read(language: str) -> Mapping[str, str]:
    text = (resources.files("eropaf.board") / "languages" / f"{language}.toml").read_text("utf-8")
    return {
        f"{part}.{name}": said for part, names in tomllib.loads(text).items() for name, said in names.items()
    }


WORDS = {language: _read(language) for language in LANGUAGES}


def chosen(cookie: str | None, accepted: str) -> str:
    """Return a reader's language: the one chosen before, otherwise the browser's first that we support."""
    if cookie in LANGUAGES:
        return cookie
    for part in accepted.split(","):
        language = part.split(";")[0].strip().lower()[:2]
        if language in LANGUAGES:
            return language
    return LANGUAGES[0]
