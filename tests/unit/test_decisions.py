"""Each decision has one number, and whoever names a number means a page that is there."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.processes import REPO

PAGES = sorted((REPO / "docs" / "adr").glob("*.md"))
NUMBERS = {int(page.name[:4]) for page in PAGES}
TEXTS = (
    ".md",
    ".py",
    ".pyx",
    ".pyi",
    ".toml",
    ".yaml",
    ".yml",
    ".sh",
    ".html",
    ".js",
    ".css",
    ".avsc",
    "Makefile",
)
NOT_OURS = ("node_modules", "build", "dist", "site", "data")
LINK = re.compile(r"\[([^\]\[]*)\]\(([^()\s]*?\d{4}-[a-z0-9-]+\.md)(?:#[^()\s]*)?\)")
BARE = re.compile(r"(?:ADR )?\d+")
NAMED = re.compile(r"\bADRs? (\d+(?:(?:, | and )\d+)*)")


def texts() -> Iterator[Path]:
    """Yield every file of ours that may name a decision."""
    for folder, folders, names in os.walk(REPO):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in NOT_OURS]
        yield from (Path(folder, name) for name in names if name.endswith(TEXTS))


def test_no_two_decisions_have_one_number() -> None:
    doubled = [number for number, times in Counter(page.name[:4] for page in PAGES).items() if times > 1]

    assert doubled == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name[:4])
def test_a_decisions_title_carries_the_number_of_its_file(page: Path) -> None:
    assert page.read_text("utf-8").startswith(f"# {int(page.name[:4])}. ")


def test_a_decision_that_is_named_is_there() -> None:
    named = [
        (path.relative_to(REPO), int(number))
        for path in texts()
        for numbers in NAMED.findall(path.read_text("utf-8"))
        for number in re.findall(r"\d+", numbers)
    ]

    assert named
    assert [(path, number) for path, number in named if number not in NUMBERS] == []


def test_a_link_to_a_decision_leads_to_the_one_that_it_names() -> None:
    links = [
        (path, words, target)
        for path in texts()
        if path.suffix == ".md"
        for words, target in LINK.findall(path.read_text("utf-8"))
        if "adr/" in target or path.parent.name == "adr"
    ]

    assert links
    assert [(path, target) for path, _, target in links if not (path.parent / target).is_file()] == []
    numbered = [(path, words, target) for path, words, target in links if BARE.fullmatch(words)]
    assert numbered
    assert [link for link in numbered if int(link[1].split()[-1]) != int(Path(link[2]).name[:4])] == []
