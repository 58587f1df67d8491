"""What was compiled of the rules is what was written: both pass the same tests."""

from __future__ import annotations

import subprocess
import sys

import pytest

from eropaf.risk import household

if household.__file__.endswith(".py"):
    pytest.skip("NOT BUILT, SO NOT TESTED: `make compiled`", allow_module_level=True)


def python(*arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_rules_as_they_are_written_pass_their_tests_too() -> None:
    python("-m", "pytest", "--rules-as-written", "-n", "0", "-q", "tests/unit/risk", "tests/property")


def test_as_written_means_the_source() -> None:
    using = (
        "from tests import as_written; as_written.use_rules_as_written(); from eropaf.risk import household"
    )
    assert python("-c", f"{using}; print(household.__file__)").strip().endswith("household.py")
