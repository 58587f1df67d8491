"""What is held on a household, and of whom it tells nothing any more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from eropaf.agents.sealing import new_keys
from eropaf.desk import held
from eropaf.desk.held import Whose, everything, latest
from eropaf.risk.history import tell
from eropaf.risk.identity import resident_key
from eropaf.risk.records import DAY_MS, NOWHERE, Departure, HouseholdEvent, UnresolvedSignal
from eropaf.risk.residency import resolve
from eropaf.settings import Settings
from eropaf.streams.runtime.stage import changelog
from eropaf_client.contact_slips import Contact, Seal
from eropaf_client.schemas.aside import Asides, SetAside
from eropaf_client.schemas.topics import (
    AUDIT,
    HOUSEHOLD_EVENTS,
    PRIORITIES,
    RESIDENT_EVENTS,
    UNRESOLVED_SIGNALS,
    contacts,
    feedback,
)
from tests.builders import HOME, HOUSEHOLD, NOON, SECRET, a_signal, amsterdam_example, an_event
from tests.fakes import FakeRecord

PUBLIC, PRIVATE = new_keys()
STAYS, MOVES = Contact("Wie blijft", "06 11111111", None), Contact("Wie verhuist", "06 22222222", None)
ELSEWHERE = "f" * 32


def test_the_slip_of_who_moved_away_is_shown_at_the_old_address_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    signals = [
        an_event(a_signal(creditor="rent", contract=contract), event_id=contract)
        for contract in ("stays", "moves")
    ]
    there = Departure("rent", "moves", ELSEWHERE, replace(HOME, house_number=99))
    departed = HouseholdEvent(HOUSEHOLD, "residents-0-1/0", NOON + DAY_MS, departure=there)
    slips = [
        (contract.encode(), Seal(PUBLIC).slip(contract, contact) | {"given_at": NOON})
        for contract, contact in (("stays", STAYS), ("moves", MOVES))
    ]
    settings = Settings(
        creditors="rent",
        household_secret=SecretStr(SECRET.decode()),
        slips_private_key=SecretStr(PRIVATE),
        slips_token=SecretStr("t" * 32),
    )

    def shown(*events: HouseholdEvent) -> list[tuple[str, str]]:
        row = tell(events, amsterdam_example()).households[HOUSEHOLD]
        kept: dict[str, list[tuple[bytes, Any]]] = {
            changelog(settings.group, "household"): [
                (HOUSEHOLD.encode(), row.to_record() | {"tenancy": None})
            ],
            HOUSEHOLD_EVENTS: [(HOUSEHOLD.encode(), each.to_record()) for each in events],
            contacts("rent"): slips,
        }

        def records(_: Settings, topic: str, *read: Any) -> Any:
            wanted = read[-1] if len(read) == 4 else lambda message: True
            for offset, (key, value) in enumerate(kept.get(topic, [])):
                message = FakeRecord(topic, 0, offset, key, b"v")
                if wanted(message):
                    yield message, value

        monkeypatch.setattr(held, "records", records)
        monkeypatch.setattr(held, "read_all", lambda *_: iter(()))
        found = everything(settings, Whose(HOUSEHOLD, frozenset(), SECRET))
        return [(each["contract"], each["phone"]) for each in found["contacts"]["rent"]]

    assert shown(*signals) == [("moves", MOVES.phone), ("stays", STAYS.phone)]
    assert shown(*signals, departed) == [("stays", STAYS.phone)]


def test_of_whom_the_register_does_not_know_everything_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the resident's own key: what waits and its slip, what they said, and who looked."""
    own = resident_key("123456782", SECRET)
    waits = UnresolvedSignal(own, "arrears.rent-0-1", a_signal(creditor="rent", contract="c-1"))
    row = resolve(None, waits, NOON, SECRET)[0]
    word = HouseholdEvent(own, "o-1", NOON, NOWHERE, objection_stands=True, objector=own).to_record()
    slip = Seal(PUBLIC).slip("c-1", STAYS) | {"given_at": NOON}
    kept: dict[str, tuple[str, Any]] = {
        changelog("eropaf", "resident"): (own, row.to_record()),
        UNRESOLVED_SIGNALS: (own, waits.to_record()),
        HOUSEHOLD_EVENTS: (own, word),
        RESIDENT_EVENTS: (own, word),
        contacts("rent"): ("c-1", slip),
        AUDIT: (own, {"at": NOON, "what": "objection", "purpose": "objection"}),
    }

    def records(_: Settings, topic: str, *read: Any) -> Any:
        if topic in kept and read[-1](FakeRecord(topic, 0, 0, kept[topic][0].encode(), b"v")):
            yield FakeRecord(topic, 0, 0, kept[topic][0].encode(), b"v"), kept[topic][1]

    monkeypatch.setattr(held, "records", records)
    monkeypatch.setattr(held, "read_all", lambda *_: iter(()))
    settings = Settings(
        creditors="rent", household_secret=SecretStr(SECRET.decode()), slips_private_key=SecretStr(PRIVATE),
        slips_token=SecretStr("t" * 32),
    )  # fmt: skip
    keys = frozenset({own.encode()})

    for household in (own, HOUSEHOLD):  # before the register's entry comes, and after
        found = everything(settings, Whose(household, keys, SECRET))

        assert [each["waiting"][0]["signal"]["contract"] for each in found["residents"]] == ["c-1"]
        assert (len(found["on_bsn"]), found["events"], found["said_by_residents"]) == (1, [word], [word])
        assert [each["phone"] for each in found["contacts"]["rent"]] == [STAYS.phone]
        assert [each["what"] for each in found["opened"]] == ["objection"]


@pytest.mark.parametrize(("secret", "pseudonyms"), [(None, 0), ("s" * 32, 2)])
def test_what_was_done_with_a_household_is_listed_as_the_processing_log_is_told(
    monkeypatch: pytest.MonkeyPatch, secret: str | None, pseudonyms: int
) -> None:
    event = an_event(a_signal(creditor="rent", contract="c-1")).to_record()
    told: dict[str, list[tuple[str, bytes | None, Any]]] = {
        HOUSEHOLD_EVENTS: [("*", b"v", event), (HOUSEHOLD, b"v", event), (ELSEWHERE, b"v", event)],
        PRIORITIES: [(HOUSEHOLD, b"v", {}), (HOUSEHOLD, None, None)],
        feedback("rent"): [("c-1", b"v", {}), ("c-2", b"v", {})],
        AUDIT: [(HOUSEHOLD, b"v", {"at": NOON, "what": "everything", "purpose": "audit"})],
    }

    def records(_: Settings, topic: str, *read: Any) -> Any:
        wanted = read[-1] if len(read) == 4 else lambda message: True
        for offset, (key, value, decoded) in enumerate(told.get(topic, [])):
            message = FakeRecord(topic, 0, offset, key.encode(), value)
            if wanted(message):
                yield message, decoded

    monkeypatch.setattr(held, "records", records)
    monkeypatch.setattr(held, "read_all", lambda *_: iter(()))
    settings = Settings(
        creditors="rent",
        household_secret=SecretStr(SECRET.decode()),
        logboek_secret=None if secret is None else SecretStr(secret),
    )

    found = everything(settings, Whose(HOUSEHOLD, frozenset(), SECRET))

    codes = sorted(each["activity"] for each in found["processings"])
    assert codes == ["answering-1", "forgetting-1", "joining-1", "opening-1", "telling-1"]
    assert all(each["ground"] and each["purpose"] for each in found["processings"])
    moments = [each["timestamp_ms"] for each in found["processings"]]
    assert moments == sorted(moments)
    assert len(found["processing_log_subjects"]) == pseudonyms


def test_a_record_that_cannot_be_read_is_told_to_whoever_asks_for_the_newest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def records(_: Settings, topic: str, record: str, asides: Asides, *read: Any) -> Any:
        asides.add(SetAside(topic, 0, 7, "unusable"))
        return iter(())

    monkeypatch.setattr(held, "records", records)
    asides = Asides()

    assert latest(Settings(), [HOUSEHOLD.encode()], "residents", "Residence", asides) == []
    assert [str(each) for each in asides.first] == ["residents-0-7 (unusable)"]
