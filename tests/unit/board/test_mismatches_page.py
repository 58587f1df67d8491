"""The page on which a clerk decides of whom the register does not place here; without a broker."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest

from eropaf.board.explaining import Asked, Asking, NotOpened, Unfit
from eropaf.board.user import EVERYWHERE, Role, User
from tests.unit.board.test_deeds_page import Board, Desk, board

CLARA = User("clara", "Clara", Role.CLERK, EVERYWHERE)
ANNA = "a" * 32
WAITING = {
    "resident": ANNA, "reason": "in-doubt", "since": "2026-03-02", "until": "2099-01-01", "listed_at": None,
    "candidates": ["1011AB 7", "1011AB 9"], "municipality": None,
}  # fmt: skip


NOWHERE = {
    "household": "d" * 32, "address": "1011AB 12", "since": "2026-03-02", "contracts": 2,
    "candidates": ["1011AB 12 A", "1011AB 12 B"],
}  # fmt: skip


class TrayDesk(Desk):
    """Has one in its tray; notes what it is asked."""

    def __init__(self) -> None:
        self.waiting: list[dict[str, Any]] = [WAITING]
        self.addresses: list[dict[str, Any]] = []
        self.asked_for: list[tuple[str, dict[str, str]]] = []
        self.refuses: set[str] = set()

    def asked(self, name: str, body: bytes) -> Asked:
        said = json.loads(body)
        if said.get("address") == "somewhere":
            raise Unfit("say an address")

        def act(asking: Asking) -> Mapping[str, Any]:
            if name in self.refuses:
                raise NotOpened("not now")
            if name == "mismatches":
                return {"waiting": self.waiting}
            if name == "unknown-addresses":
                return {"register": True, "addresses": self.addresses}
            self.asked_for.append((name, said))
            return {"number": "999990019", "creditor": "health", "contract": None}

        return Asked(Role.CLERK, act)


def tried(folder: Path, desk: Desk | None, tries: Callable[[Any], Any], user: User = CLARA) -> Any:
    async def doing() -> Any:
        async with board(folder, desk) as here:
            return await tries(await _caller(here, user))

    return asyncio.run(doing())


async def _caller(here: Board, user: User) -> Callable[..., Any]:
    session = await here.session(user)
    headers = {"cookie": f"session={session.token}", "accept": "text/html", "accept-language": "en"}

    async def call(path: str, **form: str) -> httpx2.Response:
        data = {"csrf": session.csrf, **form} if form else None
        return await here._http.request("POST" if form else "GET", path, headers=headers, data=data)

    return call


def test_it_names_why_and_where_they_may_be_and_no_number(tmp_path: Path) -> None:
    answer = tried(tmp_path, TrayDesk(), lambda call: call("/mismatches"))

    assert answer.status_code == 200
    assert "The address is under investigation" in answer.text
    assert "Lives at 1011AB 7" in answer.text
    assert "Lives at 1011AB 9" in answer.text
    assert "999990019" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("until", "said"),
    [("2000-01-01", "· last day; after it the company"), ("2099-01-01", " days left; then the")],
)
def test_how_long_its_signals_wait_is_said_and_a_last_day_is_one(
    tmp_path: Path, until: str, said: str
) -> None:
    desk = TrayDesk()
    desk.waiting = [{**WAITING, "until": until}]

    assert said in tried(tmp_path, desk, lambda call: call("/mismatches")).text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"address": "1011AB 7"}, {"where": "here", "address": "1011AB 7"}),
        ({"address": " 1011 AB 9 "}, {"where": "here", "address": "1011 AB 9"}),
        ({"gone": "1"}, {"where": "gone", "address": ""}),
    ],
)
def test_a_decision_goes_to_the_desk_as_it_was_made(
    tmp_path: Path, form: dict[str, str], said: dict[str, str]
) -> None:
    desk = TrayDesk()

    answer = tried(tmp_path, desk, lambda call: call("/mismatches", resident=ANNA, **form))

    assert desk.asked_for == [("mismatch-settled", {"resident": ANNA, **said})]
    assert (answer.status_code, answer.headers["location"]) == (303, "/mismatches?said=mismatch_stored")


def test_a_number_is_shown_once_and_beside_its_own_alone(tmp_path: Path) -> None:
    desk = TrayDesk()
    desk.waiting = [WAITING, {**WAITING, "resident": "b" * 32}]

    answer = tried(tmp_path, desk, lambda call: call("/mismatches/number", resident=ANNA))

    assert desk.asked_for == [("mismatch-opened", {"resident": ANNA})]
    assert answer.text.count("999990019") == 1


def test_what_is_no_address_or_not_done_is_said_and_nothing_stored(tmp_path: Path) -> None:
    desk = TrayDesk()

    wrong = tried(tmp_path, desk, lambda call: call("/mismatches", resident=ANNA, address="somewhere"))
    desk.refuses = {"mismatch-settled", "mismatch-opened"}
    late = tried(tmp_path, desk, lambda call: call("/mismatches", resident=ANNA, gone="1"))
    unopened = tried(tmp_path, desk, lambda call: call("/mismatches/number", resident=ANNA))
    desk.refuses = {"mismatches"}
    unread = tried(tmp_path, desk, lambda call: call("/mismatches"))

    assert [each.status_code for each in (wrong, late, unopened, unread)] == [400, 503, 503, 503]
    assert "Write an address as 1011 AB 12" in wrong.text
    assert 'aria-invalid="true"' in wrong.text
    assert "Nothing was stored" in late.text
    assert "Nothing was shown" in unopened.text
    assert "cannot be read now" in unread.text
    assert desk.asked_for == []


def test_an_address_that_there_is_not_stands_below_with_those_that_may_be_meant(tmp_path: Path) -> None:
    desk = TrayDesk()
    desk.waiting, desk.addresses = [], [NOWHERE]

    answer = tried(tmp_path, desk, lambda call: call("/mismatches"))

    assert "There is no address 1011AB 12" in answer.text
    assert "2 contracts" in answer.text
    assert "Meant is 1011AB 12 A" in answer.text
    assert "Nobody waits for a decision" not in answer.text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"address": "1011AB 12 A"}, {"meant": "another", "address": "1011AB 12 A"}),
        ({"none": "1"}, {"meant": "none", "address": ""}),
    ],
)
def test_which_address_is_meant_goes_to_the_desk_as_it_was_said(
    tmp_path: Path, form: dict[str, str], said: dict[str, str]
) -> None:
    desk = TrayDesk()

    answer = tried(tmp_path, desk, lambda call: call("/mismatches/address", household="d" * 32, **form))

    assert desk.asked_for == [("address-settled", {"household": "d" * 32, **said})]
    assert (answer.status_code, answer.headers["location"]) == (303, "/mismatches?said=mismatch_stored")


def test_an_address_that_is_none_or_not_stored_is_said_beside_its_own(tmp_path: Path) -> None:
    desk = TrayDesk()
    desk.addresses = [NOWHERE]
    home = {"household": "d" * 32}

    wrong = tried(tmp_path, desk, lambda call: call("/mismatches/address", **home, address="somewhere"))
    desk.refuses = {"address-settled"}
    late = tried(tmp_path, desk, lambda call: call("/mismatches/address", **home, none="1"))

    assert [each.status_code for each in (wrong, late)] == [400, 503]
    assert wrong.text.count('aria-invalid="true"') == 1
    assert "Nothing was stored" in late.text
    assert desk.asked_for == []


@pytest.mark.parametrize("role", [each for each in Role if each is not Role.CLERK])
def test_it_is_for_clerks_alone(tmp_path: Path, role: Role) -> None:
    user = User("o", "O", role, EVERYWHERE)
    desk = TrayDesk()

    async def all_of_them(call: Any) -> list[int]:
        answers = [
            await call("/mismatches"),
            await call("/mismatches", resident=ANNA, gone="1"),
            await call("/mismatches/number", resident=ANNA),
            await call("/mismatches/address", household=ANNA, none="1"),
        ]
        return [each.status_code for each in answers]

    assert tried(tmp_path, desk, all_of_them, user) == [403] * 4
    assert desk.asked_for == []


def test_on_a_board_that_is_no_desk_there_is_none(tmp_path: Path) -> None:
    assert "999990019" not in tried(tmp_path, None, lambda call: call("/mismatches")).text
    assert tried(tmp_path, None, lambda call: call("/mismatches", resident=ANNA, gone="1")).status_code == 404
