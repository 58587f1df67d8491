"""The short form of `make attack`, on the board of the suite."""

from __future__ import annotations

from pathlib import Path

import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from tests.attack.run import attack, the_desk
from tests.board.standing import city, put_accounts

pytestmark = pytest.mark.kafka


def test_after_an_attack_every_page_answers_to_whom_it_should(fresh: EmbeddedKafka, tmp_path: Path) -> None:
    board = the_desk(fresh.bootstrap, tmp_path)
    put_accounts(board.database)
    board.ranking.tell(*city(90))
    try:
        board.start()
        verdict = attack(board, board.pid, seconds=15, seed=1)
    finally:
        board.kill()

    assert verdict.wrong == ()
    assert verdict.aside > 0
    assert verdict.seen["written"] > 0
    assert verdict.seen.total() > 20
