"""Fixtures of the client's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.creditor import Creditor
from tests.points import quick_folder
from tests.tool import Tool


@pytest.fixture
def tool(tmp_path: Path) -> Iterator[Tool]:
    made = Tool(tmp_path / "journal.db")
    yield made
    if made.journal:
        made.journal.close()


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    with quick_folder(tmp_path) as folder:
        yield folder


@pytest.fixture
def creditor(tmp_path: Path) -> Iterator[Creditor]:
    made = Creditor(tmp_path / "outbox.db")
    yield made
    made.outbox.close()
