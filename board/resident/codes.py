"""The code in a letter: by its first part it is found, its second part only the letter has."""

from __future__ import annotations

import re
import secrets

# Crockford's base 32: no letter that looks like a figure.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MEANT = str.maketrans("OIL", "011")
FOUND_BY, OF_THE_LETTER, GROUP = 8, 12, 4
CODE = re.compile(f"[{ALPHABET}]{{{FOUND_BY + OF_THE_LETTER}}}")
LONGEST_TYPED = 100


def draw() -> str:
    """Return a new code."""
    return "".join(secrets.choice(ALPHABET) for _ in range(FOUND_BY + OF_THE_LETTER))


def written(code: str) -> str:
    """Return a code as a letter has it, in groups."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def read(typed: str) -> str | None:
    """Return the code that somebody typed, however spaced; None where it cannot be one."""
    plain = re.sub(r"[\s-]", "", typed[:LONGEST_TYPED]).upper().translate(MEANT)
    return plain if CODE.fullmatch(plain) else None
