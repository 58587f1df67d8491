"""Each commit's run tries a third of the long modules; no module is left out of all of them."""

from __future__ import annotations

from pathlib import Path

from tests.shares import SHARES, share

MODULES = {Path(f"tests/integration/test_{name}.py") for name in "abcdefgh"}


def test_every_module_is_in_exactly_one_share() -> None:
    shares = [share(MODULES, f"{commit:x}") for commit in range(SHARES)]

    assert set.union(*shares) == MODULES
    assert sum(map(len, shares)) == len(MODULES)


def test_a_commit_s_share_is_the_same_everywhere() -> None:
    commit = "bf4d311aa28f4d9ad9a3f6b0f2a3b6d9c1e2f304"

    assert share(reversed(sorted(MODULES)), commit) == share(MODULES, commit)
