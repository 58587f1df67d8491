"""On whom the register does not place here a clerk decides: as the register would say it, with a trace."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from eropaf.board.explaining import Asking
from eropaf.cluster import secret_kept
from eropaf.desk import mismatches, opening
from eropaf.desk.deeds import NotTheirs
from eropaf.desk.mismatches import Mismatches, NoMismatch, NoNumber, OpenMismatch, SettleMismatch, Where
from eropaf.desk.service import Desk
from eropaf.risk.identity import household_key, resident_key
from eropaf.risk.records import DAY_MS, Address
from eropaf.risk.rows import ResidentRow, Waiting
from eropaf.settings import Settings
from eropaf.streams.runtime.record import Output
from eropaf.streams.runtime.stage import changelog
from eropaf_client.records import Resident
from eropaf_client.schemas.topics import AUDIT, REGISTER_MISMATCHES, RESIDENTS
from eropaf_client.schemas.wire import Codec
from tests.builders import HOME, NOON, SECRET, a_signal, amsterdam_example, an_arrears_signal
from tests.fakes import FakeRecord

NUMBER = "999990019"
ANNA, BERT, CARLA = resident_key(NUMBER, SECRET), "b" * 32, "c" * 32
SETTINGS = Settings(creditors="health", household_secret=SecretStr(SECRET.decode()))
ROWS = changelog(SETTINGS.group, "resident")
ALL, NONE = Asking("clara", lambda household, area: True), Asking("clara", lambda household, area: False)
OF_1011 = Asking("clara", lambda household, area: area == "1011")
WAITS = ResidentRow(None, (Waiting("arrears.health-0-5", NOON, a_signal()),))


def mismatch(reason: str, **more: Any) -> dict[str, Any]:
    return {
        "reason": reason, "event_id": "arrears.health-0-5", "candidates": [], "municipality": None,
        "at": NOON + DAY_MS, **more,
    }  # fmt: skip


class Topics:
    """What is kept, and what is written in one transaction."""

    def __init__(self) -> None:
        self.kept: dict[str, list[tuple[str, Any]]] = {REGISTER_MISMATCHES: [], ROWS: [], RESIDENTS: []}
        self.written: list[list[Output]] = []
        self.signal: bytes | None = Codec("ArrearsSignal", "arrears.health", SETTINGS.registry()).encode(
            {
                **replace(an_arrears_signal(), resident=Resident(bsn=NUMBER)).to_record(),
                "own_effort": None,
                "crisis": None,
            }
        )

    def stands(self, resident: str, said: dict[str, Any] | None, row: ResidentRow | None) -> None:
        self.kept[REGISTER_MISMATCHES].append((resident, said))
        self.kept[ROWS].append((resident, row))

    def records(self, _: Settings, topic: str, *read: Any) -> Iterator[tuple[Any, Any]]:
        wanted = read[-1] if len(read) == 4 else lambda message: True
        for offset, (key, value) in enumerate(self.kept[topic]):
            message = FakeRecord(topic, 0, offset, key.encode(), b"")
            if wanted(message):
                yield message, value

    def write(self, outputs: list[Output]) -> None:
        self.written.append(outputs)


@pytest.fixture
def topics(monkeypatch: pytest.MonkeyPatch) -> Topics:
    made = Topics()
    monkeypatch.setattr(mismatches, "records", made.records)
    monkeypatch.setattr(mismatches, "in_force", lambda settings: amsterdam_example())
    monkeypatch.setattr(mismatches, "latest", lambda *_: [value for _, value in made.kept[RESIDENTS]])
    monkeypatch.setattr(secret_kept, "_kept", lambda settings: SETTINGS.secret_fingerprint())
    for module in (mismatches, opening):
        monkeypatch.setattr(module, "appender", lambda settings: made)

    class Reader:
        def __init__(self, *_: Any) -> None:
            pass

        def __call__(self, place: Any) -> bytes | None:
            return made.signal

        def close(self) -> None:
            pass

    monkeypatch.setattr(mismatches, "RecordReader", Reader)
    return made


def said(output: Output, record: str) -> Any:
    assert output.value is not None
    return Codec(record, output.topic, SETTINGS.registry()).decode(output.value)


def test_who_waits_is_named_with_why_since_and_until_when_and_no_amount(topics: Topics) -> None:
    elsewhere = replace(HOME, house_number=99)
    topics.stands(ANNA, mismatch("NOT_FOUND"), WAITS)
    doubted = mismatch("IN_DOUBT", candidates=[elsewhere.to_record()], at=NOON)
    topics.stands(BERT, doubted, ResidentRow(HOME, ()))
    topics.stands(CARLA, mismatch("OTHER_MUNICIPALITY", municipality="0344"), None)  # nothing waits any more

    told = Mismatches().do(SETTINGS, ALL)

    assert told["waiting"] == [
        {
            "resident": BERT, "reason": "in-doubt", "since": "2026-03-02", "until": None,
            "listed_at": "1011AB 12", "candidates": ["1011AB 99", "1011AB 12"], "municipality": None,
        },
        {
            "resident": ANNA, "reason": "not-found", "since": "2026-03-03", "until": "2026-04-01",
            "listed_at": None, "candidates": [], "municipality": None,
        },
    ]  # fmt: skip
    for private in ("110000", "contract-1", "rent", NUMBER):
        assert private not in json.dumps(told)
    assert topics.written == []


def test_what_was_decided_or_erased_is_named_no_more(topics: Topics) -> None:
    topics.stands(ANNA, mismatch("NOT_FOUND"), WAITS)
    topics.stands(ANNA, None, WAITS)

    assert Mismatches().do(SETTINGS, ALL)["waiting"] == []


def test_who_sees_an_area_sees_its_own_and_of_no_address_who_sees_all(topics: Topics) -> None:
    topics.stands(ANNA, mismatch("NOT_FOUND"), WAITS)
    topics.stands(BERT, mismatch("DECEASED"), ResidentRow(HOME, ()))

    assert [each["resident"] for each in Mismatches().do(SETTINGS, OF_1011)["waiting"]] == [BERT]
    assert Mismatches().do(SETTINGS, NONE)["waiting"] == []


def test_where_somebody_lives_is_said_as_the_register_says_it_with_a_trace(topics: Topics) -> None:
    topics.stands(ANNA, mismatch("NO_ADDRESS"), WAITS)

    SettleMismatch(resident=ANNA, where=Where.HERE, address="1011 ab 12 hs").do(SETTINGS, ALL)

    ((entry, ended, left),) = topics.written
    home = Address("1011AB", 12, "HS")
    assert (entry.topic, entry.key) == (RESIDENTS, ANNA.encode())
    assert said(entry, "Residence") == {"address": home.to_record(), "minor_children": None}
    assert (ended.topic, ended.key, ended.value) == (REGISTER_MISMATCHES, ANNA.encode(), None)
    trace = said(left, "AuditEntry")
    assert (left.topic, trace["who"], trace["what"], trace["purpose"], trace["household"]) == (
        AUDIT, "clara", "mismatch-placed", "no-address", household_key(home, SECRET),
    )  # fmt: skip


def test_what_a_file_says_of_children_stays_with_the_same_address_alone(topics: Topics) -> None:
    topics.kept[RESIDENTS] = [(ANNA, {"address": HOME.to_record(), "minor_children": True})]
    topics.stands(ANNA, mismatch("IN_DOUBT"), ResidentRow(HOME, ()))

    for address in ("1011 AB 12", "1011 AB 99"):
        SettleMismatch(resident=ANNA, where=Where.HERE, address=address).do(SETTINGS, ALL)

    children = [said(written[0], "Residence")["minor_children"] for written in topics.written]
    assert children == [True, None]


def test_who_does_not_live_here_has_no_entry_any_more(topics: Topics) -> None:
    topics.stands(ANNA, mismatch("ABROAD"), ResidentRow(HOME, ()))

    SettleMismatch(resident=ANNA, where=Where.GONE).do(SETTINGS, ALL)

    ((entry, _, left),) = topics.written
    assert (entry.topic, entry.key, entry.value) == (RESIDENTS, ANNA.encode(), None)
    assert said(left, "AuditEntry")["household"] == household_key(HOME, SECRET)


@pytest.mark.parametrize(
    ("where", "address"), [("here", ""), ("here", "somewhere"), ("gone", "1011 AB 12"), ("perhaps", "")]
)
def test_half_a_decision_is_refused(where: str, address: str) -> None:
    with pytest.raises(ValidationError):
        SettleMismatch(resident=ANNA, where=where, address=address)


def test_nobody_decides_of_another_area_or_to_one_or_twice(topics: Topics) -> None:
    topics.stands(ANNA, mismatch("NOT_FOUND"), WAITS)
    topics.stands(BERT, mismatch("ABROAD"), ResidentRow(HOME, ()))

    for asking, resident, address, error in (
        (NONE, BERT, "1011 AB 12", NotTheirs),
        (OF_1011, ANNA, "1011 AB 12", NotTheirs),
        (OF_1011, BERT, "1102 AB 1", NotTheirs),
        (ALL, CARLA, "1011 AB 12", NoMismatch),
    ):
        with pytest.raises(error):
            SettleMismatch(resident=resident, where=Where.HERE, address=address).do(SETTINGS, asking)
    assert topics.written == []


def test_a_number_is_shown_after_a_trace_and_none_that_is_gone(topics: Topics) -> None:
    topics.stands(ANNA, mismatch("NOT_FOUND"), WAITS)

    shown = OpenMismatch(resident=ANNA).do(SETTINGS, ALL)

    assert shown == {"number": NUMBER, "creditor": "health", "contract": "contract-1"}
    ((left,),) = topics.written
    assert said(left, "AuditEntry")["what"] == "mismatch-opened"
    topics.signal = None
    with pytest.raises(NoNumber):
        OpenMismatch(resident=ANNA).do(SETTINGS, ALL)
    with pytest.raises(NotTheirs):
        OpenMismatch(resident=ANNA).do(SETTINGS, NONE)


def test_all_three_are_a_clerks(topics: Topics) -> None:
    desk = Desk(SETTINGS)
    settle = json.dumps({"resident": ANNA, "where": "gone"}).encode()
    opens = json.dumps({"resident": ANNA}).encode()

    roles = [
        desk.asked(name, body).role.value
        for name, body in (("mismatches", b"{}"), ("mismatch-settled", settle), ("mismatch-opened", opens))
    ]

    assert roles == ["clerk"] * 3
