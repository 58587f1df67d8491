"""A letter's code is for the address to which the letter goes, whoever lives there when it is used."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from eropaf.board.explaining import Asking
from eropaf.board.resident import codes
from eropaf.board.resident.store import ResidentStore
from eropaf.board.store import Store
from eropaf.cluster import secret_kept
from eropaf.desk import letter_code, whom
from eropaf.desk.letter_code import DrawCode, NoAddress
from eropaf.risk.identity import household_key, resident_key
from eropaf.risk.records import Address
from eropaf.settings import Settings
from eropaf_client.schemas.aside import Asides
from tests.builders import SECRET, amsterdam_example

BSN = "123456782"
OLD, NEW = Address("1011AB", 12, "1A"), Address("1102AB", 3, "")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return a desk's settings, whose cluster has its secret."""
    found = Settings(
        household_secret=SecretStr(SECRET.decode()),
        board_database=f"sqlite+aiosqlite:///{tmp_path}/desk.db",
    )
    monkeypatch.setattr(secret_kept, "_kept", lambda _: found.secret_fingerprint())
    monkeypatch.setattr(letter_code, "leave_trace", lambda *_: None)
    monkeypatch.setattr(letter_code, "in_force", lambda _: amsterdam_example())
    return found


def lives(monkeypatch: pytest.MonkeyPatch, *addresses: Address) -> None:
    """Have the register say where BSN lives, one address after the other."""
    key = resident_key(BSN, SECRET).encode()

    def records(_: Settings, topic: str, record: str, asides: Asides, make: Any, wanted: Any) -> Any:
        message = SimpleNamespace(key=lambda: key)
        yield from ((message, make({"address": each.to_record()})) for each in addresses if wanted(message))

    monkeypatch.setattr(whom, "records", records)


def opens(settings: Settings, written: str) -> tuple[str, Address]:
    """Return the household that a code opens, and its address."""

    async def used() -> str:
        store = Store(settings.board_database)
        await store.open()
        try:
            residents, code = ResidentStore(store.engine), codes.read(written)
            assert code is not None
            token = await residents.begin_by_code(code)
            assert token is not None
            session = await residents.session(token)
            assert session is not None
            return session.who
        finally:
            await store.close()

    return whom.household_of(settings, asyncio.run(used()), Asides())


def test_a_code_opens_the_address_of_its_letter_also_after_a_move(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    lives(monkeypatch, OLD)
    drawn = DrawCode(who=BSN).do(settings, Asking("clara", lambda household, area: True))

    lives(monkeypatch, OLD, NEW)

    assert whom.household_of(settings, BSN, Asides())[1] == NEW
    assert opens(settings, drawn["code"]) == (household_key(OLD, SECRET), OLD)


def test_no_code_is_drawn_for_whom_no_letter_reaches(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    lives(monkeypatch)

    with pytest.raises(NoAddress, match="no address for a letter"):
        DrawCode(who=BSN).do(settings, Asking("clara", lambda household, area: True))


def test_a_code_by_key_opens_that_household_however_its_address_is_spelled(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "0" * 32
    row = {"address": {"postcode": "1011AB", "house_number": 12, "addition": "NULL"}}
    monkeypatch.setattr(whom, "latest", lambda *_: [row])

    drawn = DrawCode(who=key).do(settings, Asking("clara", lambda household, area: True))

    assert opens(settings, drawn["code"]) == (key, Address("1011AB", 12, "NULL"))
