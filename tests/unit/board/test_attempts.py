"""Log-ins are counted before they are tried; strangers' tries lock nobody out of a known device."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.exceptions import HTTPException

from eropaf.board.attempts import Limits, network_of
from eropaf.board.passwords import MOST_LOGINS_WAITING, Passwords, hashed
from eropaf.board.store import Account
from eropaf.board.user import EVERYWHERE, Role

SANNE = Account("sanne", hashed("correct horse battery"), Role.OUTREACH, EVERYWHERE)


async def fails(limits: Limits, name: str, address: str, device: str | None = None) -> int:
    """Try a wrong password; return 401 where it was looked at, else the status."""
    try:
        async with limits.login(name, address, device):
            await asyncio.sleep(0.01)  # as the verifier takes its time
            return 401
    except HTTPException as error:
        return error.status_code


async def succeeds(limits: Limits, name: str, address: str, device: str | None = None) -> int:
    try:
        async with limits.login(name, address, device) as attempt:
            attempt.succeeded = True
            return 303
    except HTTPException as error:
        return error.status_code


def test_of_eighty_tries_at_once_five_are_looked_at() -> None:
    async def tried() -> None:
        limits = Limits()
        answers = await asyncio.gather(*(fails(limits, "sanne", f"10.0.0.{n}") for n in range(80)))
        assert answers.count(401) == 5
        assert answers.count(429) == 75

    asyncio.run(tried())


def test_strangers_lock_nobody_out_of_a_known_device() -> None:
    async def tried() -> None:
        limits = Limits()
        await asyncio.gather(*(fails(limits, "sanne", "10.0.0.1") for _ in range(500)))

        assert await succeeds(limits, "sanne", "10.0.0.1") == 429
        assert await succeeds(limits, "sanne", "10.0.0.1", "her phone") == 303
        # A known device may not guess at leisure either.
        guesses = [await fails(limits, "sanne", "10.0.0.1", "her phone") for _ in range(15)]
        assert guesses.count(401) == 10

    asyncio.run(tried())


def test_a_known_device_has_a_hundred_wrong_guesses_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be a colleague's, or lie on a table."""

    async def tried() -> None:
        limits, now = Limits(), time.time()
        guesses = []
        for minute in range(20):
            monkeypatch.setattr(time, "time", lambda at=now + 61 * minute: at)
            guesses += [await fails(limits, "sanne", "10.0.0.1", "her phone") for _ in range(12)]
        assert guesses.count(401) == 100

    asyncio.run(tried())


def test_who_waits_for_kafka_on_every_thread_of_the_loop_keeps_nobody_out() -> None:
    async def tried() -> None:
        passwords, answers = Passwords(), threading.Event()
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        waits = asyncio.create_task(asyncio.to_thread(answers.wait, 300))
        try:
            assert await asyncio.wait_for(passwords.right(SANNE, "correct horse battery", known=True), 60)
        finally:
            answers.set()
            await waits

    asyncio.run(tried())


def test_a_whole_office_logs_in_from_one_address() -> None:
    async def tried() -> None:
        limits = Limits()
        assert {await succeeds(limits, f"worker {n}", "10.0.0.1") for n in range(200)} == {303}

    asyncio.run(tried())


def test_one_address_that_tries_many_names_uses_up_itself_and_not_the_names() -> None:
    async def tried() -> None:
        limits = Limits()
        answers = [await fails(limits, f"name {n % 20}", "10.0.0.1") for n in range(60)]
        assert answers.count(401) == 30
        assert await succeeds(limits, "name 19", "10.0.0.2") == 303

    asyncio.run(tried())


def test_a_try_that_was_broken_off_counts_as_a_failure() -> None:
    """Else hanging up early would make guesses free."""

    async def tried() -> None:
        limits = Limits()
        for _ in range(5):
            task = asyncio.create_task(fails(limits, "sanne", "10.0.0.1"))
            await asyncio.sleep(0.001)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert await succeeds(limits, "sanne", "10.0.0.1") == 429

    asyncio.run(tried())


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_a_network_that_one_party_has_whole_counts_as_one_place(address: str, network: str) -> None:
    assert network_of(address) == network


def test_the_queue_is_bounded_and_people_on_known_devices_do_not_wait_in_it() -> None:
    async def tried() -> None:
        passwords = Passwords()
        flood = [asyncio.create_task(passwords.right(None, "guess", known=False)) for _ in range(60)]
        await asyncio.sleep(0)  # each has taken its place, or was sent away
        known = await asyncio.wait_for(passwords.right(SANNE, "correct horse battery", known=True), 60)
        still_waiting = sum(not task.done() for task in flood)

        assert known
        assert still_waiting > MOST_LOGINS_WAITING // 2, "she did not wait for them"
        answers = await asyncio.gather(*flood, return_exceptions=True)
        assert sum(isinstance(each, HTTPException) for each in answers) == 60 - MOST_LOGINS_WAITING
        assert not any(each is True for each in answers)

    asyncio.run(tried())
