"""A policy is activated as its text stands: another text under a shipped version is refused by a cluster.

Whoever changes a word of a shipped policy, a comment too, gives it a new version and adds a line here.
"""

from __future__ import annotations

import hashlib
from importlib import resources

import pytest

from eropaf.risk.policy import Policy

# Beside the rules, wherever they stand: `make mutants` tries copies of them.
POLICIES = resources.files("eropaf.risk") / "policies"
SHIPPED = {
    (
        "amsterdam-example.toml",
        "amsterdam-example-3",
    ): "bda0eedc2aa171c0b21b681f478a8e48a7a373fa4f832775981762ffd101b5f3",
}


def test_every_shipped_policy_is_listed() -> None:
    there = {each.name for each in POLICIES.iterdir()}

    assert there == {name for name, _ in SHIPPED}


@pytest.mark.parametrize(("name", "version"), SHIPPED)
def test_a_version_that_was_shipped_keeps_its_text(name: str, version: str) -> None:
    text = (POLICIES / name).read_bytes()

    assert Policy.parse(text.decode()).version == version
    assert hashlib.sha256(text).hexdigest() == SHIPPED[name, version]
