"""What the desk does, is asked for, and refuses, before any topic is read."""

from __future__ import annotations

import http.server
import json
import threading
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
import typer
from pydantic import SecretStr, ValidationError
from typer.testing import CliRunner

from eropaf.board.explaining import Asking, Unfit
from eropaf.board.user import Role
from eropaf.cluster import secret_kept
from eropaf.commands import resident
from eropaf.desk import deeds, whom
from eropaf.desk.at_the_desk import DeskRefused, DeskUnreachable, answer, made
from eropaf.desk.deeds import SEALED, Access, Deed, Erase, Explain, NotTheirs, Object, Objections, Overrule
from eropaf.desk.opening import SealedToAnother
from eropaf.desk.service import DEEDS, Desk
from eropaf.desk.whom import UnknownHousehold, household_of, key_of
from eropaf.risk.history import tell
from eropaf.risk.purpose import Purpose
from eropaf.risk.records import DAY_MS, NOWHERE, Address, HouseholdEvent
from eropaf.risk.rows import HouseholdRow
from eropaf.settings import Settings, SettingsError
from eropaf.streams.runtime.record import Output
from eropaf.streams.runtime.stage import changelog
from eropaf_client.schemas.aside import Asides
from eropaf_client.schemas.limits import HOUSEHOLD_KEY
from eropaf_client.schemas.topics import RESIDENTS
from tests.builders import (
    HOME,
    HOUSEHOLD,
    MARCH_2,
    NOON,
    SECRET,
    amsterdam_example,
    an_event,
    in_days,
)

KEY = "0" * 32
BSN = "123456782"
WITH_SECRET = Settings(household_secret=SecretStr(SECRET.decode()))
OVERRULED: dict[str, Any] = {"household": KEY, "decision": "raise", "until": in_days(9), "reason": "seen"}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stand for a cluster; return the one fingerprint that is kept in it."""
    kept = [WITH_SECRET.secret_fingerprint()]
    monkeypatch.setattr(secret_kept, "_kept", lambda settings: kept[0])
    return kept


def test_by_another_secret_than_the_clusters_nothing_is_looked_for(cluster: list[str]) -> None:
    cluster[0] = "another"

    with pytest.raises(SettingsError, match="were made with another"):
        key_of(WITH_SECRET, "1011 AB 12")


def test_an_explanation_sealed_to_another_key_keeps_nothing_else_from_who_asks(
    cluster: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def sealed_to_another(*asked: object) -> None:
        raise SealedToAnother("the key does not fit")

    kept: dict[str, Any] = {"state": None, "events": ["what is held"], "register": [], "residents": []}
    told = {
        "leave_trace": lambda *said: None,
        "opened_facts": sealed_to_another,
        "residents_at": lambda *asked: set(),
        "everything": lambda *asked: dict(kept),
        "dated": lambda held: held,
        "in_force": Settings.read_policy,
        "letter": lambda *held, facts, contact: "a letter",
    }
    for name, stand_in in told.items():
        monkeypatch.setattr(deeds, name, stand_in)
    settings = WITH_SECRET.model_copy(update={"auditors_private_key": SecretStr("an older one")})

    said = Access(who="1011 AB 12", purpose=Purpose.RESIDENT_ASKED).do(
        settings, Asking("ada", lambda household, area: True)
    )

    assert said["document"] == kept | {"explanation": SEALED}
    assert said["kept"]


def test_an_explanation_is_found_by_an_address_in_any_spelling(cluster: list[str]) -> None:
    keys = {key_of(WITH_SECRET, text) for text in ("1011 AB 12 hs", "1011ab 12-HS")}

    ((found, area),) = keys
    assert HOUSEHOLD_KEY.fullmatch(found)
    assert area == "1011"


def test_a_household_under_a_spelling_of_before_is_reached_by_its_key(
    cluster: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {KEY: {"address": {"postcode": "1011AB", "house_number": 12, "addition": "NULL"}}}
    monkeypatch.setattr(
        whom, "latest", lambda settings, keys, *where: [rows[k.decode()] for k in keys if k.decode() in rows]
    )

    assert household_of(WITH_SECRET, KEY, Asides()) == (KEY, Address("1011AB", 12, "NULL"))
    monkeypatch.setattr(whom, "records", lambda *_: iter([(None, None), (None, HOME)]))
    assert household_of(WITH_SECRET, HOUSEHOLD, Asides()) == (HOUSEHOLD, HOME), "by the register"
    with pytest.raises(UnknownHousehold):
        household_of(WITH_SECRET, "1" * 32, Asides())


@pytest.mark.parametrize(
    ("kind", "said", "names"),
    [
        (Explain, {"household": BSN, "purpose": Purpose.AUDIT}, "household: say a household key"),
        (Explain, {"household": KEY, "purpose": "curious"}, "purpose: "),
        (Access, {"who": "1012 " + BSN, "purpose": Purpose.AUDIT}, "who: say an address"),
        (Erase, {"who": "x" * 10_000}, "who: say an address"),
        (Object, {"who": BSN, "take_back": "perhaps"}, "take_back: "),
        (Overrule, {**OVERRULED, "household": BSN}, "household: a household key"),
        (Overrule, {**OVERRULED, "reason": "  "}, "reason: "),
        (Overrule, {**OVERRULED, "reason": "x" * 501}, "reason: "),
        (Overrule, {**OVERRULED, "until": "tomorrow"}, "until: "),
        (Overrule, {**OVERRULED, "until": "2020-01-01"}, "until: a decision applies from today"),
        (Overrule, {**OVERRULED, "until": "9999-12-31"}, "for 183 days at most"),
    ],
)
def test_command_line_and_desk_refuse_the_impossible_alike_and_do_not_repeat_it(
    kind: type[Deed], said: dict[str, Any], names: str
) -> None:
    with pytest.raises(typer.BadParameter) as typed:
        made(kind, **said)
    with pytest.raises(Unfit) as sent:
        Desk(WITH_SECRET).asked(kind.name, json.dumps(said).encode())

    for refusal in (str(typed.value), str(sent.value)):
        assert names in refusal
        assert BSN not in refusal
        assert "curious" not in refusal


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"household": 1}', b"[" * 10_000])
def test_a_body_that_is_no_deed_is_refused(body: bytes) -> None:
    with pytest.raises(Unfit):
        Desk(WITH_SECRET).asked("explain", body)


def test_what_is_no_deed_is_told_so() -> None:
    with pytest.raises(Unfit, match="does not know this deed"):
        Desk(WITH_SECRET).asked("__init__", b"{}")


def test_auditors_open_and_clerks_act_and_nobody_does_both() -> None:
    assert {name: deed.role for name, deed in DEEDS.items()} == {
        "explain": Role.AUDITOR,
        "access": Role.CLERK,
        "object": Role.CLERK,
        "objections": Role.CLERK,
        "code": Role.CLERK,
        "erasure-asked": Role.CLERK,
        "erasures": Role.CLERK,
        "erasure-refused": Role.CLERK,
        "erase": Role.CLERK,
        "overrule": Role.CLERK,
        "mismatches": Role.CLERK,
        "mismatch-opened": Role.CLERK,
        "mismatch-settled": Role.CLERK,
        "unknown-addresses": Role.CLERK,
        "address-settled": Role.CLERK,
        "addresses-answered": Role.CLERK,
    }


@pytest.mark.parametrize(
    "deed", [Explain(household="1102 AB 3", purpose=Purpose.AUDIT), Overrule.model_validate(OVERRULED)]
)
def test_of_another_area_nothing_is_opened_and_nothing_decided(deed: Deed, cluster: list[str]) -> None:
    asked: list[tuple[str, str | None]] = []

    def may(household: str, area: str | None) -> bool:
        asked.append((household, area))
        return False

    with pytest.raises(NotTheirs):
        deed.do(WITH_SECRET, Asking("ada", may))

    assert [area for _, area in asked] == ["1102" if isinstance(deed, Explain) else None]


@pytest.mark.parametrize("url", ["http://desk.example.org", "http://10.0.0.7:8080", "ftp://desk.example.org"])
def test_a_token_does_not_go_over_the_network_in_the_clear(url: str) -> None:
    with pytest.raises(ValidationError, match="use https"):
        Settings(desk_url=url, desk_token=SecretStr("t" * 43))


def test_without_a_token_it_is_said_where_one_is_drawn() -> None:
    with pytest.raises(SettingsError, match="Command line"):
        answer(Settings(desk_url="https://desk.example.org"), Erase(who="1011 AB 12"))


class _TooMany(http.server.BaseHTTPRequestHandler):
    """A desk that was asked too often, and says so on a page for people."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(429)
        self.send_header("content-length", "4")
        self.end_headers()
        self.wfile.write(b"<h1>")

    def log_message(self, *anything: object) -> None:
        """Say nothing."""


def test_who_asks_too_often_is_told_to_wait() -> None:
    server = http.server.HTTPServer(("127.0.0.1", 0), _TooMany)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"

    with pytest.raises(DeskRefused, match="too many requests in a minute"):
        answer(Settings(desk_url=url, desk_token=SecretStr("t")), Erase(who="1011 AB 12"))
    server.shutdown()
    server.server_close()


class _Elsewhere(http.server.BaseHTTPRequestHandler):
    """A desk that sends whoever asks it to another address, which notes what it is given."""

    given: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.given.append(f"{self.path} {self.headers['authorization']}")
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(307)
        self.send_header("location", "/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *anything: object) -> None:
        """Say nothing."""


def test_a_token_goes_to_the_desk_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    server = http.server.HTTPServer(("127.0.0.1", 0), _Elsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    url = f"http://127.0.0.1:{server.server_address[1]}"

    with pytest.raises((DeskUnreachable, DeskRefused)) as failed:
        answer(Settings(desk_url=url, desk_token=SecretStr("the-token")), Erase(who="1011 AB 12"))
    server.shutdown()
    server.server_close()

    assert _Elsewhere.given == ["/deeds/erase Bearer the-token"]
    assert "the-token" not in str(failed.value)
    assert "1011" not in str(failed.value)


class _Appended:
    """Stands for the log: what was written to it in one transaction."""

    def __init__(self) -> None:
        self.events: list[HouseholdEvent] = []
        self.gone: list[bytes | None] = []
        self.unplaced: list[bytes | None] = []

    def event(self, event: HouseholdEvent, stored_at: int) -> HouseholdEvent:
        assert stored_at == event.at
        return event

    def write(self, records: list[HouseholdEvent | Output]) -> None:
        self.events += [each for each in records if isinstance(each, HouseholdEvent)]
        for each in records:
            if isinstance(each, Output):
                (self.gone if each.topic == RESIDENTS else self.unplaced).append(each.key)


# Who objects before somebody has the address erased, what a worker has not read of it yet, and who does
# afterwards: everybody who did (GDPR art. 21).
OBJECT = [
    ((), (), []),
    (("bram",), (), ["bram"]),
    (("anna", "bram"), (), ["anna", "bram"]),
    ((None,), (), [None]),
    ((None, "bram"), (), ["bram", None]),
    ((), (("bram", True),), ["bram"]),
    (("bram",), (("bram", False),), []),
]


@pytest.mark.parametrize(("objects", "unread", "stands"), OBJECT)
def test_an_erasure_leaves_every_objection_at_the_address_standing(
    objects: tuple[str | None, ...],
    unread: tuple[tuple[str | None, bool], ...],
    stands: list[str | None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    objected = [_objects(1, objector) for objector in objects]
    row = tell([an_event(), *objected], amsterdam_example()).households[HOUSEHOLD]
    newer = [_objects(2, objector, stands=again) for objector, again in unread]
    log, read = _Appended(), []

    def latest(_: Settings, keys: list[bytes], *__: str) -> list[dict[str, Any]]:
        read.extend(keys)
        return [row.to_record() | {"tenancy": None}]

    for name, stub in {
        "household_of": lambda *_: (HOUSEHOLD, HOME),
        "residents_at": lambda *_: {b"anna", b"bram"},
        "latest": latest,
        "objecting": lambda *_: set(stands),
        "events_of": lambda *_: [each.to_record() for each in (*objected, *newer)],
        "marks_of": lambda *_: [{"until": 20_000}, {"until": 40_000}],
        "in_force": lambda _: amsterdam_example(),
        "appender": lambda _: log,
        "trace": lambda *_: None,
    }.items():
        monkeypatch.setattr(deeds, name, stub)

    said = Erase(who="1011 AB 12").do(WITH_SECRET, Asking("ada", lambda *_: True))

    assert (said["kept"], said["objections"], read) == (True, len(stands), [HOUSEHOLD.encode()])
    assert said["marks_until"] == ["2079-07-08"], "of an address that is unsafe to visit, a mark that holds"
    assert [each.erasure_requested_on is not None for each in log.events] == [True]
    assert log.gone == sorted({b"anna", b"bram"} - {each.encode() for each in stands if each is not None})
    assert log.unplaced == [b"anna", b"bram"], "what the register said instead of an address, of everybody"
    after = tell([an_event(), *objected, *newer, *log.events], amsterdam_example()).households.get(HOUSEHOLD)
    assert ([] if after is None else [*after.objectors, *[None] * after.objected]) == stands
    assert after is not None
    assert (after.positions, after.address) == ((), HOME if stands else NOWHERE)


def _objects(day: int, objector: str | None, stands: bool = True) -> HouseholdEvent:
    at = NOON + day * DAY_MS
    return HouseholdEvent(HOUSEHOLD, f"o-{day}", at, HOME, objection_stands=stands, objector=objector)


def a_row(house_number: int, in_doubt_since: int | None) -> dict[str, Any]:
    home = replace(HOME, house_number=house_number)
    return HouseholdRow(home, NOON, 1, (), objected=True, in_doubt_since=in_doubt_since).to_record() | {
        "tenancy": None
    }


def test_objections_that_wait_for_a_decision_are_named_the_oldest_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = [
        (b"a" * 32, a_row(1, MARCH_2 + 3)), (b"b" * 32, a_row(2, MARCH_2 + 1)),
        (b"c" * 32, a_row(3, MARCH_2)), (b"d" * 32, a_row(4, MARCH_2)), (b"e" * 32, a_row(5, MARCH_2)),
        (b"f" * 32, a_row(6, None)), (b"c" * 32, a_row(3, None)), (b"d" * 32, None),
    ]  # fmt: skip
    monkeypatch.setattr(deeds, "records", _as_they_are_kept(kept))

    said = Objections().do(WITH_SECRET, Asking("ada", lambda household, area: household != "e" * 32))

    assert said["waiting"] == [
        {"household": "b" * 32, "address": "1011AB 2", "in_doubt_since": "2026-03-03"},
        {"household": "a" * 32, "address": "1011AB 1", "in_doubt_since": "2026-03-05"},
    ]


def _as_they_are_kept(kept: list[tuple[bytes, dict[str, Any] | None]]) -> Any:
    def records(settings: Settings, topic: str, record: str, asides: Asides, make: Any) -> Any:
        assert (topic, record) == (changelog(settings.group, "household"), "HouseholdRow")
        for key, value in kept:
            yield SimpleNamespace(key=lambda key=key: key), None if value is None else make(value)

    return records


@pytest.mark.parametrize(("waiting", "status"), [([], 0), ([{"household": KEY}], 3)])
def test_a_timer_hears_whether_an_objection_waits_for_a_decision(
    waiting: list[dict[str, str]], status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [each | {"address": "1011AB 12", "in_doubt_since": "2026-03-03"} for each in waiting]
    answered = {"waiting": told, "aside": {"records": 0, "first": []}}
    monkeypatch.setattr(resident, "answer", lambda settings, deed: answered)

    ran = CliRunner().invoke(resident.app, ["objections"])

    assert ran.exit_code == status
    line = f"{KEY}  since 2026-03-03  1011AB 12" if waiting else "no objection waits for a decision"
    assert ran.stdout == f"{line}\n"
