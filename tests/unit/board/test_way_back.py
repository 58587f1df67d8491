"""Who has to log in again comes back to where they were, and nowhere else; what was not done is said."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest

from eropaf.board.app import app_of
from eropaf.board.back import LONGEST_WAY_BACK, way_back
from eropaf.board.config import BoardConfig, OpenId
from eropaf.board.passwords import hashed
from eropaf.board.routes import Parts
from eropaf.board.state import State
from eropaf.board.store import Account, Store
from eropaf.board.user import EVERYWHERE, Role, User
from eropaf.board.words import WORDS
from eropaf_client.cluster import Cluster
from tests.unit.board.a_provider import OURS, served

ADDRESS = "http://127.0.0.1:8080"
PASSWORD = "correct horse battery"
DOOR = f"/households/{7:032x}"
FORMS = ["/round", DOOR, *(f"{DOOR}/{deed}" for deed in ("claim", "release", "hand-over")), "/why"]


@asynccontextmanager
async def browser(folder: Path, open_id: OpenId | None = None) -> AsyncIterator[tuple[Any, Store]]:
    """Yield a browser in which nobody is logged in, and what the board keeps."""
    store = Store(f"sqlite+aiosqlite:///{folder}/board.db")
    await store.open()
    await store.put_account(Account("lotte", hashed(PASSWORD), Role.LEAD, EVERYWHERE))
    nobody: Any = None
    config = BoardConfig(Cluster(""), "", ADDRESS, open_id=open_id)
    app = app_of(
        Parts(
            config=config,
            store=store,
            state=State(event_clock=False),
            reading=nobody,
            sender=nobody,
            reporter=nobody,
            marks=nobody,
        )
    )
    asks = {"accept": "text/html", "accept-language": "en"}
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url=ADDRESS, headers=asks
    ) as http:
        yield http, store
    await store.close()


def leads_to(answer: httpx2.Response) -> str:
    assert answer.status_code == 303
    return str(answer.headers["location"])


@pytest.mark.parametrize(
    "page", ["/", "/?area=1011&show=free&band=HIGH&band=LOW", "/round", DOOR, "/lead?area=1011&channel="]
)
def test_a_page_of_ours_is_come_back_to_with_its_filters(page: str) -> None:
    assert way_back(page) == page.removesuffix("&channel=")


@pytest.mark.parametrize(
    "asked",
    [
        "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example",
        "///evil.example", "https://evil.example", "https:evil.example", "HTTPS://evil.example/round",
        "javascript:alert(1)", "data:text/html,x", "/%2Fevil.example", "/%5Cevil.example",
        "%2F%2Fevil.example", "/./evil", "/../evil", "/round/..//evil.example", "/ //evil.example",
        "/@evil.example", "evil.example", "http://[", "/\x00", "/é", "", "/round/",
        f"/{'x' * LONGEST_WAY_BACK}", "/login", "/login/back?code=1", "/login?back=/round",
    ],
)  # fmt: skip
def test_whatever_is_no_page_of_ours_leads_to_the_start(asked: str) -> None:
    assert way_back(asked) == "/"


def test_what_a_page_said_once_is_not_said_again_and_a_forms_page_is_above_it() -> None:
    assert way_back(f"{DOOR}?said=handed&undo=1") == DOOR
    assert way_back("/?area=1011&said=lost") == "/?area=1011"
    assert way_back(f"{DOOR}/hand-over") == DOOR


def test_who_opens_a_page_without_a_session_comes_to_it_after_the_log_in(tmp_path: Path) -> None:
    async def tried() -> None:
        async with browser(tmp_path) as (http, _):
            for page in (DOOR, "/?area=1011&band=HIGH", "/"):
                log_in = leads_to(await http.get(page))
                form = {"name": "lotte", "password": "wrong"}
                again = await http.post(log_in, data=form)
                action = re.search('action="(/login[^"]*)"', again.text)
                assert action is not None
                form["password"] = PASSWORD
                assert leads_to(await http.post(html.unescape(action[1]), data=form)) == page
                http.cookies.clear()

    asyncio.run(tried())


def test_a_log_in_leads_to_no_other_site(tmp_path: Path) -> None:
    async def tried() -> None:
        async with browser(tmp_path) as (http, _):
            for asked in ("//evil.example/x", "/\\evil.example", "https://evil.example", "/%2Fevil.example"):
                form = {"name": "lotte", "password": PASSWORD}
                log_in = f"/login?{urlencode({'back': asked})}"
                assert leads_to(await http.post(log_in, data=form)) == "/"
                http.cookies.clear()

    asyncio.run(tried())


@pytest.mark.parametrize("form", FORMS)
def test_a_form_without_a_session_says_that_nothing_was_done_and_leads_back(
    form: str, tmp_path: Path
) -> None:
    async def tried() -> None:
        async with browser(tmp_path) as (http, _):
            headers = {"referer": f"{ADDRESS}{DOOR}?said=lost", "origin": ADDRESS}
            where = leads_to(await http.post(form, data={"csrf": "old"}, headers=headers))
            assert parse_qs(urlsplit(where).query) == {"said": ["ended"], "back": [DOOR]}
            for language in ("nl", "en"):
                told = (await http.get(where, headers={"accept-language": language})).text
                assert WORDS[language]["said.ended"] in told
                assert WORDS[language]["login.again"] not in told

            # A script hears it by the status, and keeps what it has.
            asked_by_script = {"accept": "application/json", **headers}
            answer = await http.post(form, data={"csrf": "old"}, headers=asked_by_script)
            assert (answer.status_code, answer.json()) == (401, {"error": "said.ended"})

    asyncio.run(tried())


def test_who_logs_out_after_the_session_ended_is_out_and_told_nothing_else(tmp_path: Path) -> None:
    async def tried() -> None:
        async with browser(tmp_path) as (http, store):
            out = await http.post("/logout", data={"csrf": "old"})
            assert leads_to(out) == "/login"
            assert out.headers["clear-site-data"] == '"cache"'

            session = await store.begin_session(User("lotte", "Lotte", Role.LEAD, EVERYWHERE))
            cookie = {"cookie": f"session={session.token}"}
            assert (await http.post("/logout", data={"csrf": "old"}, headers=cookie)).status_code == 403
            assert await store.session(session.token) is not None
            assert (
                leads_to(await http.post("/logout", data={"csrf": session.csrf}, headers=cookie)) == "/login"
            )
            assert await store.session(session.token) is None

    asyncio.run(tried())


def test_a_form_that_is_refused_leads_back_to_the_page_that_it_was_on(tmp_path: Path) -> None:
    async def tried() -> None:
        async with browser(tmp_path) as (http, store):
            session = await store.begin_session(User("lotte", "Lotte", Role.LEAD, EVERYWHERE))
            headers = {"cookie": f"session={session.token}", "referer": ADDRESS + DOOR}
            answer = await http.post(f"{DOOR}/release", data={"csrf": "old"}, headers=headers)
            assert answer.status_code == 403
            assert f'class="back" href="{DOOR}"' in answer.text

    asyncio.run(tried())


def test_another_language_keeps_filters_and_the_way_back(tmp_path: Path) -> None:
    async def tried() -> None:
        async with browser(tmp_path) as (http, _):
            for page in ("/?area=1011&band=HIGH", "/login?back=%2Fround", "/lead?area=1011"):
                assert leads_to(await http.get("/language/nl", headers={"referer": ADDRESS + page})) == page

    asyncio.run(tried())


def test_a_log_in_at_the_provider_leads_back_and_one_that_fails_keeps_the_way(tmp_path: Path) -> None:
    async def tried() -> None:
        with served() as there:
            known = OpenId(there.url, OURS, "the secret of the tests")
            async with browser(tmp_path, known) as (http, _):
                log_in = leads_to(await http.get(DOOR))
                shown = (await http.get(log_in)).text
                at_provider = f"/login/provider?{urlencode({'back': DOOR})}"
                assert f'href="{at_provider}"' in shown
                await http.get(at_provider)
                declined = await http.get("/login/back", params={"error": "access_denied"})
                assert declined.status_code == 403
                assert f'href="{at_provider}"' in declined.text
                for refuses in (True, False):
                    there.refuses = refuses
                    asked = parse_qs(urlsplit(leads_to(await http.get(at_provider))).query)
                    code = {"state": asked["state"][0], "code": asked["nonce"][0]}
                    back = await http.get("/login/back", params=code)
                    if refuses:
                        assert back.status_code == 403
                        assert f'href="{at_provider}"' in back.text
                    else:
                        assert leads_to(back) == DOOR

    asyncio.run(tried())
