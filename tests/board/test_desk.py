"""The desk: who opened and who acted is who logged in there, and a command line has no rights of its own."""

from __future__ import annotations

import json
import os
import pwd
import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from eropaf.agents import roles
from eropaf.board.user import Role
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.security import ADMIN, MECHANISM, Security
from eropaf.risk.identity import household_key
from eropaf.risk.records import Address
from eropaf_client.cluster import Cluster
from eropaf_client.reading import read_all
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS
from eropaf_client.schemas.wire import Codec
from tests.board.caller import Caller
from tests.board.conftest import PRIVATE
from tests.board.standing import ACCOUNTS, Standing, city, key, put_accounts
from tests.board.test_why import explain, traces
from tests.builders import SECRET, in_days
from tests.integration.processes import PATIENCE_S, Process, ended

SOON = in_days(30)

pytestmark = pytest.mark.kafka

ADDRESS = "1011 AB 12"
HOUSEHOLD = household_key(Address("1011AB", 12, ""), SECRET)
(CLERK,) = (each for each in ACCOUNTS if each.role is Role.CLERK)
HERE = pwd.getpwuid(os.getuid()).pw_name


class Desk(Standing):
    """The auditors' board on a secured cluster, and command lines that know nothing but where it is."""

    def __init__(self, kafka: EmbeddedKafka, security: Security, folder: Path) -> None:
        self.administrator = security.client(ADMIN)
        super().__init__(
            kafka.bootstrap,
            folder,
            client=self.administrator,
            EROPAF_AUDITORS_PRIVATE_KEY=PRIVATE,
            EROPAF_HOUSEHOLD_SECRET=SECRET.decode(),
            EROPAF_CREDITORS="rent",
            EROPAF_KAFKA_TLS="true",
            EROPAF_KAFKA_CA_FILE=str(security.authority.trusted),
            EROPAF_KAFKA_SASL=MECHANISM,
            EROPAF_KAFKA_USERNAME=roles.DESK,
            EROPAF_KAFKA_PASSWORD=security.passwords[roles.DESK],
        )

    def command(self, token: str, *arguments: str, status: int = 0) -> str:
        """Run a command that has a token, and no broker, no key and no secret."""
        process = Process(
            ["-m", "eropaf.main", *arguments],
            self.folder / "command.log",
            EROPAF_BOOTSTRAP="127.0.0.1:1",
            EROPAF_DESK_URL=self.url,
            EROPAF_DESK_TOKEN=token,
        )
        before = len(process.said)
        with ended(process):
            assert process.wait(PATIENCE_S) == status, process.said
        return process.said[before:]

    def left(self) -> list[tuple[str, str, str]]:
        """Return who did what to which household."""
        entries = traces(self.bootstrap, self.administrator)
        return [(each["who"], each["what"], each["household"]) for each in entries]


@pytest.fixture(scope="module")
def desk(secured: tuple[EmbeddedKafka, Security], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    kafka, security = secured
    standing = Desk(kafka, security, tmp_path_factory.mktemp("desk"))
    put_accounts(standing.database)
    standing.ranking.tell(*city(9))
    explain(kafka.bootstrap, HOUSEHOLD, standing.administrator)
    try:
        standing.start()
        yield standing
    finally:
        standing.kill()


def drawn(desk: Desk, name: str) -> tuple[Caller, str]:
    """Log in, and draw a token as the page shows it."""
    caller = Caller(desk)
    caller.log_in(name)
    shown = caller.http.post("/command-line", data={"csrf": caller.csrf})
    found = re.search("data-token>([^<]+)<", shown.text)
    assert found is not None, shown.text
    return caller, found[1]


def test_what_a_command_opens_is_traced_under_who_logged_in_not_the_machines_user(desk: Desk) -> None:
    caller, token = drawn(desk, "amira")

    said = desk.command(token, "explain", ADDRESS, "--purpose", "court", "--language", "en")

    assert "counts as 2 months" in said
    assert desk.left()[-1] == ("amira", "explanation", HOUSEHOLD)
    assert HERE not in {who for who, _, _ in desk.left()}
    caller.http.close()


def test_a_clerk_acts_for_a_resident_through_the_desk_alone(desk: Desk, tmp_path: Path) -> None:
    caller, token = drawn(desk, "clara")
    letter = tmp_path / "letter.txt"
    asked = ("resident", "access", ADDRESS, "--purpose", "resident-asked", "--letter", str(letter))

    given = json.loads(desk.command(token, *asked))
    assert "objection stands" in desk.command(token, "resident", "object", ADDRESS)
    assert f"raise until {SOON}" in desk.command(
        token, "overrule", HOUSEHOLD, "raise", "--until", SOON, "--reason", "seen at the door"
    )
    desk.command(token, "resident", "erase", ADDRESS)

    assert given["household"] == HOUSEHOLD
    assert given["explanation"]["contributions"]
    assert stat.S_IMODE(letter.stat().st_mode) == 0o600
    codec = Codec("HouseholdEvent", HOUSEHOLD_EVENTS, LocalRegistry())
    events = [
        codec.decode(each.value())
        for each in read_all(Cluster(desk.bootstrap, desk.administrator), HOUSEHOLD_EVENTS)
        if each.key() == HOUSEHOLD.encode()
    ]
    kinds = ("objection", "overrule", "erasure")
    assert [kind for each in events for kind in kinds if each[kind] is not None] == list(kinds)
    assert [(who, what) for who, what, _ in desk.left() if who == "clara"] == [
        ("clara", "everything"),
        ("clara", "explanation"),
        ("clara", "objection"),
        ("clara", "overrule"),
        ("clara", "erasure"),
    ]
    caller.http.close()


def test_a_token_is_worth_nothing_after_its_session(desk: Desk) -> None:
    caller, token = drawn(desk, "amira")
    before = desk.left()

    caller.post("/logout")

    assert "log in at the desk" in desk.command(token, "explain", ADDRESS, "--purpose", "audit", status=1)
    assert desk.left() == before
    caller.http.close()


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("clara", ("explain", ADDRESS, "--purpose", "audit")),
        ("amira", ("resident", "erase", ADDRESS)),
        ("amira", ("overrule", HOUSEHOLD, "lower", "--until", SOON, "--reason", "no")),
    ],
)
def test_each_role_asks_for_what_is_its_own(desk: Desk, name: str, arguments: tuple[str, ...]) -> None:
    caller, token = drawn(desk, name)
    before = desk.left()

    assert "this is for the role" in desk.command(token, *arguments, status=1)

    assert desk.left() == before
    caller.http.close()


def test_who_sees_one_area_opens_and_changes_nothing_of_another(desk: Desk) -> None:
    put_accounts(desk.database, [replace(CLERK, name="carl", areas=frozenset({"1102"}))])
    caller, token = drawn(desk, "carl")
    before = desk.left()

    for arguments in (
        ("resident", "access", ADDRESS, "--purpose", "resident-asked"),
        ("resident", "object", ADDRESS),
        ("overrule", key(1), "raise", "--until", SOON, "--reason", "of 1012"),
        ("overrule", "f" * 32, "raise", "--until", SOON, "--reason", "of nowhere"),
    ):
        assert "not in one of your areas" in desk.command(token, *arguments, status=1)

    assert desk.left() == before
    caller.http.close()


def test_a_page_of_another_site_cannot_ask_in_somebodys_name(desk: Desk) -> None:
    caller, _ = drawn(desk, "amira")
    body = json.dumps({"household": HOUSEHOLD, "purpose": "audit"})

    with_cookie = caller.http.post("/deeds/explain", content=body, headers={"content-type": "text/plain"})

    assert with_cookie.status_code == 401
    caller.http.close()


@pytest.mark.parametrize("token", ["x", "x" * 5000, "Bearer", "\u00e9" * 43])
def test_a_guessed_token_opens_nothing(desk: Desk, token: str) -> None:
    asked = {"authorization": f"Bearer {token}".encode()}

    answered = httpx2.post(f"{desk.url}/deeds/explain", content=b"{}", headers=asked, timeout=PATIENCE_S)  # type: ignore[arg-type]

    assert answered.status_code == 401


def test_what_goes_wrong_at_the_desk_is_told_without_what_was_asked(desk: Desk) -> None:
    caller, token = drawn(desk, "clara")
    bsn = "123456782"

    said = desk.command(token, "resident", "code", bsn, status=1)

    assert "the register has no entry for this BSN" in said
    assert bsn not in desk.said
    assert "1011" not in desk.said
    caller.http.close()
