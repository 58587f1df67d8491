"""The plumbing knows nothing of what it carries: it could carry anything else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import eropaf.streams

STREAMS = Path(eropaf.streams.__file__).parent
FILES = sorted(path for ending in ("*.py", "*.pyx", "*.pyi") for path in STREAMS.rglob(ending))
# Of this product's settings, and of what it is about.
FORBIDDEN = re.compile(
    r"EROPAF_|schemas\.topics|(?i:household|arrears|creditor|resident|municipal|outreach|debt|polic(?:y|ies))"
)
# Kafka's own word for what happens to old records.
ALLOWED = "cleanup.policy"


def forbidden_in(text: str) -> list[str]:
    return FORBIDDEN.findall(text.replace(ALLOWED, ""))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(STREAMS)))
def test_no_file_of_the_plumbing_names_what_it_carries_or_who_uses_it(file: Path) -> None:
    assert forbidden_in(file.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        'os.environ["EROPAF_X"]',
        "one household",
        "A creditor",
        "import eropaf_client.schemas.topics",
        "a policy",
    ],
)
def test_what_is_forbidden_is_found(line: str) -> None:
    assert forbidden_in(line) != []
