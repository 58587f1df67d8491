"""Guessing is slow for who guesses, and for nobody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from tests.board.caller import Caller
from tests.board.standing import PASSWORD, Standing, put_accounts
from tests.integration.processes import PATIENCE_S

pytestmark = pytest.mark.kafka

# One after the other they may take longer than the minute in which they are counted; more would be told that
# the board is busy.
AT_ONCE = 20


@pytest.fixture
def board(kafka: EmbeddedKafka, tmp_path: Path) -> Iterator[Standing]:
    """Yield a board whose limits no other test has used up."""
    standing = Standing(kafka.bootstrap, tmp_path)
    put_accounts(standing.database)
    try:
        standing.start()
        yield standing
    finally:
        standing.kill()


def test_of_eighty_guesses_five_are_looked_at_and_her_own_phone_still_lets_her_in(
    board: Standing,
) -> None:
    phone = Caller(board)
    assert phone.log_in("youssef").status_code == 303  # a device that is known from here on
    guesses = [Caller(board) for _ in range(80)]

    with ThreadPoolExecutor(80) as pool:
        passwords = [f"guess {number}" for number in range(79)] + [PASSWORD]
        tried = pool.map(
            lambda caller, password: (
                caller.http.post("/login", data={"name": "youssef", "password": password}).status_code
            ),
            guesses,
            passwords,
        )
        answers = Counter(tried)

    assert answers[429] >= 75
    assert answers[401] + answers[303] <= 5
    phone.http.cookies.delete("session")
    assert phone.log_in("youssef").status_code == 303


def test_what_a_client_says_of_where_it_comes_from_is_not_believed(board: Standing) -> None:
    """No proxy is trusted here, so all of these come from one address."""
    caller = Caller(board)

    def guess(number: int) -> int:
        form = {"name": f"nobody {number}", "password": "guess"}
        return caller.http.post(
            "/login", data=form, headers={"x-forwarded-for": f"10.0.0.{number}"}
        ).status_code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = Counter(pool.map(guess, range(31)))

    assert answers[429] >= 1


def test_a_trusted_proxys_word_is_taken_so_that_one_stranger_locks_out_himself(
    kafka: EmbeddedKafka, tmp_path: Path
) -> None:
    standing = Standing(kafka.bootstrap, tmp_path, EROPAF_BOARD_TRUSTED_PROXIES="127.0.0.0/8")
    put_accounts(standing.database)
    try:
        standing.start()
        with httpx2.Client(base_url=standing.url, timeout=PATIENCE_S) as http:

            def log_in(name: str, password: str, of: str) -> int:
                form = {"name": name, "password": password}
                return http.post("/login", data=form, headers={"x-forwarded-for": of}).status_code

            def guess(number: int) -> int:
                # What a client writes itself stands to the left of what the proxy adds.
                forged = "198.51.100.1, " if number == 32 else ""
                return log_in(f"nobody {number}", "guess", f"{forged}203.0.113.7")

            with ThreadPoolExecutor(AT_ONCE) as pool:
                assert Counter(pool.map(guess, range(33))) == {401: 30, 429: 3}
            assert log_in("sanne", PASSWORD, "198.51.100.1") == 303
    finally:
        standing.kill()
