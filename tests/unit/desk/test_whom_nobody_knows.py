"""What a clerk does for a resident whom the register does not know."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from eropaf.board.explaining import Asking
from eropaf.cluster import secret_kept
from eropaf.commands import resident
from eropaf.desk import deeds, whom
from eropaf.desk.deeds import Erase, Object
from eropaf.risk.identity import resident_key
from eropaf.risk.records import NOWHERE, HouseholdEvent
from eropaf.settings import Settings
from eropaf.streams.runtime.record import Output
from eropaf_client.schemas.topics import REGISTER_MISMATCHES
from tests.builders import SECRET, amsterdam_example

BSN = "123456782"
WITH_SECRET = Settings(household_secret=SecretStr(SECRET.decode()))


def test_what_waits_for_a_resident_whom_the_register_does_not_know_is_theirs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By the BSN, or by the key under which an erasure that they asked for waits for a decision."""
    own = resident_key(BSN, SECRET)
    written: list[HouseholdEvent | Output] = []
    left: list[str] = []
    asked: list[tuple[str, str | None]] = []
    log = SimpleNamespace(event=lambda event, at: event, write=written.extend)
    monkeypatch.setattr(secret_kept, "_kept", lambda settings: WITH_SECRET.secret_fingerprint())
    monkeypatch.setattr(whom, "records", lambda *_: iter(()))
    monkeypatch.setattr(whom, "latest", lambda _, keys, topic, *__: ["row"] if "resident" in topic else [])
    for name, stub in {
        "held_of": lambda *_: ([], []),
        "in_register": lambda _, residents: residents == {own.encode()},
        "objecting": lambda *_: {own},
        "marks_of": lambda *_: [],
        "in_force": lambda _: amsterdam_example(),
        "appender": lambda _: log,
        "trace": lambda _, *said: left.append(said[1]),
    }.items():
        monkeypatch.setattr(deeds, name, stub)

    def may(household: str, area: str | None) -> bool:
        asked.append((household, area))
        return True

    for who in (BSN, own):
        for deed in (Object(who=who), Object(who=who, take_back=True), Erase(who=who)):
            assert deed.do(WITH_SECRET, Asking("ada", may))["kept"]

    events = [each for each in written if isinstance(each, HouseholdEvent)]
    assert {(each.household, each.address) for each in events} == {(own, NOWHERE)}
    objects = [(each.objection_stands, each.objector) for each in events]
    assert objects == [(True, own), (False, own), (None, None)] * 2
    ended = [each.topic for each in written if isinstance(each, Output)]
    assert set(ended) == {REGISTER_MISMATCHES}, "the register has no entry to end"
    assert left == [own] * 6
    assert asked == [(own, "")] * 6


@pytest.mark.parametrize(
    ("who", "says"), [(BSN, "does not know this number"), ("1011 AB 12", "this address")]
)
def test_where_nothing_is_kept_a_clerk_hears_what_to_look_at(
    who: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = {"kept": False, "objections": 0, "marks_until": [], "aside": {"records": 0, "first": []}}
    monkeypatch.setattr(resident, "answer", lambda settings, deed: nothing)

    for deed in ("object", "erase"):
        ran = CliRunner().invoke(resident.app, [deed, who])

        assert ran.exit_code == 0
        assert says in ran.stdout
