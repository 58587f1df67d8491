"""`eropaf status`: what of a deployment needs a person, and what is only told."""

from __future__ import annotations

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from eropaf.cluster.policy_held import of
from eropaf.cluster.state_now import StateNow, as_json, in_lines
from eropaf.commands import acls, status
from eropaf.main import app
from eropaf.risk.events import PolicyActivated
from eropaf.risk.policy_file import PolicyFile
from eropaf.streams.errors import BrokerUnreachable
from eropaf.streams.operate.acls import Difference, Grant
from eropaf.streams.operate.group import Group, Member, Waits
from eropaf.streams.runtime.loss import Loss
from tests.builders import AMSTERDAM_EXAMPLE

NAMED = PolicyFile.parse(AMSTERDAM_EXAMPLE)
WORKER = Member("worker-1", "10.0.0.1", 8)


def a_state(
    members: tuple[Member, ...] = (WORKER,),
    unread: int = 0,
    rejected: dict[str, int] | None = None,
    activated: tuple[PolicyActivated, ...] = (),
    told_on: date | None = date(2026, 3, 2),
    lost: tuple[Loss, ...] = (),
) -> StateNow:
    group = Group("stable", members, (Waits("intake", 1_234, unread, lost),))
    return StateNow("1.0", "kafka:9092", group, of(activated, NAMED), rejected or {}, told_on)


def test_where_all_is_well_nothing_needs_a_person_though_records_wait() -> None:
    assert a_state().needs() == []


def another_policy() -> tuple[PolicyActivated, ...]:
    text = AMSTERDAM_EXAMPLE.replace(f'"{NAMED.version}"', '"mine-1"')
    return (PolicyActivated("mine-1", text, 0),)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (a_state(members=(), unread=8), "no worker runs"),
        (a_state(unread=1), "1 partition read by no worker"),
        (a_state(lost=(Loss("arrears.rent", 3, 100, 203),)), "records arrears.rent-3:100-203 were deleted"),
        (a_state(rejected={"too-large": 1}), "1 rejected record to be dealt with"),
        (a_state(rejected={"too-large": 2, "no-key": 1}), "3 rejected records to be dealt with"),
        (a_state(activated=another_policy()), "which does not hold"),
        (a_state(told_on=None), "no day was told since yesterday"),
        (a_state(members=(), told_on=None), "no worker runs"),
    ],
)
def test_what_needs_a_person_is_one_sentence(state: StateNow, said: str) -> None:
    (need,) = state.needs()

    assert said in need


def test_a_screen_of_lines_says_all_of_it() -> None:
    assert in_lines(a_state(rejected={"too-large": 2})) == [
        "Eropaf 1.0 at kafka:9092, group stable",
        "worker    worker-1 on 10.0.0.1: 8 partitions",
        "waiting   intake: 1,234 records",
        f"policy    {NAMED.version}, from the start",
        "rejected  2 too-large",
        "clock     2026-03-02 was told last",
    ]


def test_a_program_reads_the_same_as_json() -> None:
    assert json.loads(json.dumps(as_json(a_state(rejected={"too-large": 2})))) == {
        "version": "1.0",
        "bootstrap": "kafka:9092",
        "group": "stable",
        "workers": [{"name": "worker-1", "host": "10.0.0.1", "partitions": 8}],
        "stages": [{"stage": "intake", "waiting": 1234, "unread_partitions": 0, "lost": []}],
        "policy": {"holds": NAMED.version, "since": None, "settings_name": NAMED.version},
        "rejected_open": {"too-large": 2},
        "clock_told": "2026-03-02",
        "needs_a_person": ["2 rejected records to be dealt with: `eropaf rejected list`"],
    }


@pytest.mark.parametrize(("state", "exits"), [(a_state(), 0), (a_state(members=()), 3)])
def test_what_needs_a_person_exits_otherwise_than_what_failed(
    state: StateNow, exits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status, "state_now", lambda settings: state)
    told = CliRunner().invoke(app, ["status"])
    assert (told.exit_code, bool(json.loads(told.output)["needs_a_person"])) == (exits, exits == 3)

    def away(settings: object) -> StateNow:
        raise BrokerUnreachable("no broker answered")

    monkeypatch.setattr(status, "state_now", away)
    assert CliRunner().invoke(app, ["status"]).exit_code == 1


@pytest.mark.parametrize(
    ("missing", "exits"), [((), 0), ((Grant("User:worker", "TOPIC", "rows", "READ"),), 3)]
)
def test_rights_that_differ_exit_otherwise_than_what_failed(
    missing: tuple[Grant, ...], exits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acls, "admin", lambda *where: None)
    monkeypatch.setattr(acls.acls, "compare", lambda *asked: Difference(missing, ()))

    assert CliRunner().invoke(app, ["acls", "check"]).exit_code == exits
