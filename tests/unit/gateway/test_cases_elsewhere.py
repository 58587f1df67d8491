"""Accepted help by webhook and as a file, and which settings send it anywhere."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from eropaf.commands import cases as commands
from eropaf.commands.cases import config
from eropaf.gateway.callers import CallersRefused
from eropaf.gateway.cases import delivery as deliveries
from eropaf.gateway.cases import serve
from eropaf.gateway.cases.accepted import Acceptances, acceptances_reader
from eropaf.gateway.cases.balance_request import COLUMNS, lines
from eropaf.gateway.cases.book import State
from eropaf.gateway.cases.hook import ACCEPTED, Hook
from eropaf.gateway.cases.serve import CasesConfig, HookAccess
from eropaf.gateway.cases.zaken import Zaken
from eropaf.gateway.webhooks.event import Event
from eropaf.gateway.webhooks.post import Result, Tried
from eropaf.settings import Settings
from eropaf.settings.environment import SettingsError
from eropaf_client.cluster import Cluster
from eropaf_client.outcomes import EndResult
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import PRIORITIES
from tests.unit.gateway.a_case_system import CaseSystem
from tests.unit.gateway.handed_on import ANNA, PAGE, SOURCE, World


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "READS_FOR_S", 0.0)  # its clock is turned by hand


def test_accepted_help_is_told_once_by_webhook_as_the_page_says(tmp_path: Path) -> None:
    told: list[Event] = []

    def post(event: Event) -> Tried:
        told.append(event)
        return Tried(Result.AWAY, "503") if len(told) == 1 else Tried(Result.TOLD, "204")

    world = World(tmp_path, Hook(post, SOURCE))
    world.lists(ANNA)
    number = world.comes_of(ANNA, EndResult.HELP)
    world.passes(1)
    world.kill_and_start()
    world.passes(1)

    first, second = told
    assert first == second
    event: dict[str, Any] = json.loads(second.body)
    assert (event["type"], event["subject"], event["id"]) == (ACCEPTED, number, number)
    assert ANNA not in second.body.decode(), "a key would let it join what it hears elsewhere"
    assert event["data"]["address"] == {"postcode": "1011AB", "house_number": 1, "addition": "2H"}
    assert world.states() == {number: State.TOLD.value}
    (block,) = PAGE.read_text("utf-8").split("```json\n")[1:]
    example = json.loads(block.partition("```")[0])
    assert _shape(example) == _shape(event)


def _shape(value: Any) -> Any:
    return {name: _shape(each) for name, each in value.items()} if isinstance(value, dict) else type(value)


def test_a_file_for_the_debt_helper_has_schuldenknooppunts_columns_and_no_reason(tmp_path: Path) -> None:
    world = World(tmp_path, Hook(lambda event: Tried(Result.TOLD, "204"), SOURCE))
    world.lists(ANNA, 7)
    number = world.comes_of(ANNA, EndResult.HELP)
    world.lists(f"{2:032x}")
    world.comes_of(f"{2:032x}", EndResult.NO_CONTACT)
    reader, found = acceptances_reader(world.topics, LocalRegistry()), Acceptances()
    for read in reader.poll(0.0):
        found.take(read)

    head, line = "".join(lines(found.addressed(found.drain()), "=Kredietbank")).split("\r\n")[:-1]

    assert head.split(";") == list(COLUMNS)
    said = dict(zip(COLUMNS, line.split(";"), strict=True))
    assert said["Referentienummer"] == number
    assert said["Schuldhulpverlener"] == "'=Kredietbank", "no spreadsheet runs it"
    assert said["Adres"] == "7, 2H, 1011AB"
    assert {name for name, value in said.items() if value} == {
        "ConversatieReferentienummer", "Referentienummer", "Schuldhulpverlener", "Adres",
    }  # fmt: skip


def test_a_file_leaves_out_who_was_forgotten_and_is_on_the_list_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, Hook(lambda event: Tried(Result.AWAY, "503"), SOURCE))
    forgotten = world.comes_of(ANNA, EndResult.HELP)
    world.forget(ANNA)
    world.goes_on()
    world.book.close()
    for place in world.topics.logs:
        if place[0] == PRIORITIES:
            world.topics.logs[place].clear()  # compacted
    world.lists(ANNA)
    world.lists(f"{2:032x}")
    accepted = world.comes_of(f"{2:032x}", EndResult.HELP)
    monkeypatch.setattr(commands, "KafkaSource", lambda *_: world.topics)
    monkeypatch.setenv("EROPAF_CASES_STATE_DIR", str(tmp_path))

    commands.write_file(tmp_path / "out.csv", "Kredietbank", datetime(2026, 3, 1), overwrite=False)

    said = (tmp_path / "out.csv").read_text("utf-8")
    assert accepted in said
    assert forgotten not in said


SET = {
    "EROPAF_CASES_ZAKEN_API": "https://zaken.example.org/zaken/api/v1",
    "EROPAF_CASES_CLIENT_ID": "eropaf",
    "EROPAF_CASES_SECRET": "a secret of the tests, at length",
    "EROPAF_CASES_RSIN": "000000012",
    "EROPAF_CASES_CASE_TYPE": "https://catalogue.example.org/zaaktypen/1",
    "EROPAF_CASES_STATUS_TYPE": "https://catalogue.example.org/statustypen/2",
}


@pytest.mark.parametrize("left_out", [*SET, "EROPAF_CASES_STATE_DIR"])
def test_cases_are_off_unless_all_that_they_need_is_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, left_out: str
) -> None:
    for name, value in {**SET, "EROPAF_CASES_STATE_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    config(Settings())
    monkeypatch.delenv(left_out)

    with pytest.raises(SettingsError, match=left_out):
        config(Settings())


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("EROPAF_CASES_RSIN", "123456789", "no RSIN"),
        ("EROPAF_CASES_RSIN", "12345678", "no RSIN"),
        ("EROPAF_CASES_ZAKEN_API", "http://zaken.example.org/api", "use https"),
        ("EROPAF_CASES_WEBHOOK", "http://tool.example.org/", "use https"),
        ("EROPAF_CASES_WEBHOOK", "https://tool.example.org/", "name one of them"),
        ("EROPAF_CASES_STATE_DIR", "/nowhere", "does not exist"),
    ],
)
def test_a_setting_of_cases_that_cannot_be_right_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, why: str
) -> None:
    for each in {**SET, name: value}.items():
        monkeypatch.setenv(*each)

    with pytest.raises(ValidationError, match=why):
        Settings()


def test_a_webhook_for_cases_is_signed_or_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {
        "EROPAF_CASES_WEBHOOK": "https://tool.example.org/help",
        "EROPAF_CASES_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "EROPAF_CASES_STATE_DIR": str(tmp_path),
        "EROPAF_WEBHOOK_SOURCE": SOURCE,
        "EROPAF_GATEWAY_ADDRESS": "https://eropaf.example.org",
    }.items():
        monkeypatch.setenv(name, value)
    to = config(Settings()).to
    assert isinstance(to, HookAccess)
    assert (to.address, to.origin) == ("https://tool.example.org/help", "eropaf.example.org")

    monkeypatch.setenv("EROPAF_CASES_SECRET", "not one")
    with pytest.raises(CallersRefused):
        config(Settings())


def test_what_the_command_runs_makes_the_case(
    system: CaseSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, Zaken(system.access))
    world.book.close()
    world.lists(ANNA)
    number = world.comes_of(ANNA, EndResult.HELP)
    monkeypatch.setattr(serve, "KafkaSource", lambda *_: world.topics)

    serve.hand_on(
        CasesConfig(Cluster("nowhere:9092"), system.access, tmp_path), lambda: bool(system.made["statussen"])
    )

    assert system.numbers() == [number]
