"""One afternoon of the many that `make afternoon` runs: see `afternoon.py`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from eropaf.deploy.embedded import EmbeddedKafka
from tests.board.afternoon import Afternoon
from tests.board.standing import Standing, put_accounts

pytestmark = pytest.mark.kafka


@pytest.fixture
def board(kafka: EmbeddedKafka, tmp_path: Path) -> Iterator[Standing]:
    standing = Standing(kafka.bootstrap, tmp_path)
    put_accounts(standing.database)
    try:
        standing.start()
        yield standing
    finally:
        standing.kill()


def test_every_result_of_an_afternoon_counts_exactly_once(board: Standing, browser: Browser) -> None:
    afternoon = Afternoon(board, browser, seed=7, steps=6)
    try:
        afternoon.run()

        assert afternoon.kept.total() >= 3
        assert afternoon.wrong() == []
    finally:
        afternoon.close()
