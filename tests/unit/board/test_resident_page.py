"""A resident's own page, in front of a desk without a broker: what it shows, passes on, and never keeps."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from pydantic import SecretStr, ValidationError

from eropaf.board.config import Identity, OpenId
from eropaf.board.explaining import NotOpened
from eropaf.board.resident import codes
from eropaf.board.resident.at_the_desk import AtTheDesk
from eropaf.board.resident.config import DeskPlace, ResidentPageConfig
from eropaf.board.resident.desk import LOG_INS_OF_ONE
from eropaf.board.resident.serve import app_of
from eropaf.board.words import WORDS
from eropaf.commands.resident_page import config
from eropaf.settings import Settings
from eropaf.settings.environment import SettingsError
from tests.unit.board.a_provider import OURS, served
from tests.unit.board.a_resident_desk import LETTER, SECRET, Deeds, Desk, a_desk

ADDRESS = "https://mijn.example.org"
BSN = "123456782"


class Browser:
    """One browser: it keeps cookies and follows nothing by itself."""

    def __init__(self, app: Any, here: Desk, desk: AtTheDesk) -> None:
        self.here, self.desk = here, desk
        transport = httpx2.ASGITransport(app=app, client=("192.0.2.7", 4711))
        self.http = httpx2.AsyncClient(transport=transport, base_url=ADDRESS)

    async def get(self, path: str) -> httpx2.Response:
        return await self.http.get(path)

    async def post(self, path: str, origin: str = ADDRESS, **form: str) -> httpx2.Response:
        return await self.http.post(path, data=form, headers={"origin": origin})

    async def come_in(self, who: str = "1011 AB 12") -> httpx2.Response:
        code, _ = await self.here.store.draw(who)
        return await self.post("/nl/code", code=codes.written(code))


@asynccontextmanager
async def a_page(
    folder: Path, deeds: Deeds | None = None, identity: Identity | None = None, **known: Any
) -> AsyncIterator[Browser]:
    async with a_desk(folder, deeds, identity) as here:
        place = DeskPlace("http://desk", SECRET)
        desk = AtTheDesk(place)
        await desk._http.aclose()
        desk._http = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=here.app), base_url="http://desk", headers=desk._http.headers
        )
        yield Browser(app_of(ResidentPageConfig(ADDRESS, place, **known), desk), here, desk)


def tried(folder: Path, then: Any, deeds: Deeds | None = None, **known: Any) -> Any:
    async def within() -> Any:
        async with a_page(folder, deeds, **known) as browser:
            return await then(browser)

    return asyncio.run(within())


def test_a_code_leads_to_the_letter_and_its_files_in_both_languages(tmp_path: Path) -> None:
    async def then(browser: Browser) -> Any:
        came = await browser.come_in()
        paths = ("/nl", "/en", "/nl/letter", "/nl/everything")
        return came, [await browser.get(path) for path in paths], browser.here.deeds.done

    came, (dutch, english, letter, everything), done = tried(tmp_path, then)

    assert (came.status_code, came.headers["location"]) == (303, "/nl")
    assert "<h3>Wat is er gemeld?</h3>" in dutch.text
    assert '<html lang="en">' in english.text
    assert letter.text == LETTER
    assert json.loads(everything.text) == {"household": "h"}
    assert {each.headers["content-disposition"] for each in (letter, everything)} == {
        'attachment; filename="letter.txt"', 'attachment; filename="everything.json"',
    }  # fmt: skip
    assert done == [("resident (code)", "access", "1011 AB 12")]


def test_there_is_one_cookie_no_script_and_nothing_that_may_be_kept(tmp_path: Path) -> None:
    async def then(browser: Browser) -> Any:
        first = await browser.get("/nl")
        return first, await browser.come_in(), await browser.get("/nl")

    first, came, shown = tried(tmp_path, then)

    assert "set-cookie" not in first.headers
    (cookie,) = came.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-own=")
    for wanted in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert wanted in cookie
    assert "expires" not in cookie.lower()
    for page in (first, came, shown):
        assert page.headers["cache-control"] == "no-store"
        assert "script" not in page.headers["content-security-policy"]
        assert "max-age" in page.headers["strict-transport-security"]
        assert "<script" not in page.text


@pytest.mark.parametrize(
    ("path", "deed", "means"), [("object", "object", "bezwaar"), ("erase", "erasure-asked", "medewerker")]
)
def test_what_a_deed_means_is_said_before_it_is_done_once(
    tmp_path: Path, path: str, deed: str, means: str
) -> None:
    async def then(browser: Browser) -> Any:
        await browser.come_in()
        sure = await browser.get(f"/nl/{path}")
        before = list(browser.here.deeds.done)
        done = await browser.post(f"/nl/{path}")
        return sure, before, done, await browser.get("/nl"), browser.here.deeds.done

    sure, before, done, shown, deeds = tried(tmp_path, then)

    assert means in sure.text
    assert [name for _, name, _ in before] == ["access"]
    assert [name for _, name, _ in deeds] == ["access", deed]
    said = WORDS["nl"][f"resident.{path}_done"]
    assert said in done.text
    assert said in shown.text
    assert f'href="/nl/{path}"' not in shown.text


def test_whose_the_objection_is_stands_there(tmp_path: Path) -> None:
    async def then(browser: Browser) -> str:
        await browser.come_in()
        return (await browser.get("/nl/object")).text

    assert WORDS["nl"]["resident.object_address"] in tried(tmp_path, then)


def test_a_wrong_code_is_said_beside_its_field_and_too_many_at_last(tmp_path: Path) -> None:
    async def then(browser: Browser) -> Any:
        wrong = [await browser.post("/nl/code", code="0" * 20) for _ in range(11)]
        return wrong[0], wrong[-1], await browser.come_in()

    wrong, many, right = tried(tmp_path, then)

    assert wrong.status_code == 401
    assert 'aria-invalid="true"' in wrong.text
    assert WORDS["nl"]["resident.wrong"] in wrong.text
    assert 'href="/en" hreflang="en"' in wrong.text, "and not to a page that takes forms alone"
    assert many.status_code == 429
    assert WORDS["nl"]["resident.many"] in many.text
    assert right.status_code == 303


@pytest.mark.parametrize("path", ["code", "object", "erase", "leave"])
@pytest.mark.parametrize("origin", ["https://elsewhere.example.org", "null", "http://mijn.example.org:1"])
def test_no_other_site_acts_in_a_residents_name(tmp_path: Path, path: str, origin: str) -> None:
    async def then(browser: Browser) -> Any:
        await browser.come_in()
        answered = await browser.post(f"/nl/{path}", origin=origin, code="0" * 20)
        return answered.status_code, browser.here.deeds.done

    assert tried(tmp_path, then) == (403, [])


def test_who_is_not_let_in_sees_and_does_nothing(tmp_path: Path) -> None:
    async def then(browser: Browser) -> Any:
        browser.http.cookies.set("__Host-own", "guessed", "mijn.example.org")
        gets = ("/nl", "/nl/object", "/nl/erase", "/nl/letter", "/nl/everything")
        answers = [await browser.get(path) for path in gets]
        answers += [await browser.post(path) for path in ("/nl/object", "/nl/erase")]
        return {each.status_code for each in answers}, browser.here.deeds.done

    assert tried(tmp_path, then) == ({401}, [])


def test_who_leaves_is_out_and_so_is_who_left(tmp_path: Path) -> None:
    async def then(browser: Browser) -> Any:
        await browser.come_in()
        cookie = str(browser.http.cookies.get("__Host-own"))
        first = await browser.post("/nl/leave")
        browser.http.cookies.set("__Host-own", cookie, "mijn.example.org")
        return first, await browser.get("/nl"), await browser.post("/nl/leave")

    first, shown, again = tried(tmp_path, then)

    assert first.status_code == again.status_code == 303
    assert shown.status_code == 401
    assert LETTER.splitlines()[-1].removeprefix("- ") not in shown.text


def test_where_nothing_is_known_it_is_said_and_there_is_no_file(tmp_path: Path) -> None:
    class Unknown(Exception):
        code = "unknown-household"

    def act(deed: str) -> Mapping[str, Any]:
        raise NotOpened("nothing") from Unknown()

    async def then(browser: Browser) -> Any:
        await browser.come_in()
        asked = await browser.get("/nl/object"), await browser.post("/nl/object")
        return await browser.get("/nl"), *asked, await browser.get("/nl/letter")

    shown, sure, done, letter = tried(tmp_path, then, Deeds(act), contact="14 020")

    assert "14 020" in shown.text
    assert WORDS["nl"]["resident.nothing"] in shown.text
    for said in (sure, done):
        assert said.status_code == 200
        assert WORDS["nl"]["resident.object_nothing"] in said.text
    assert letter.status_code == 404


def test_a_desk_that_cannot_now_is_said_and_of_a_deed_that_it_is_unsure(tmp_path: Path) -> None:
    def act(deed: str) -> Mapping[str, Any]:
        raise NotOpened("no answer")

    async def then(browser: Browser) -> Any:
        await browser.come_in()
        return await browser.get("/nl"), await browser.post("/nl/object")

    shown, done = tried(tmp_path, then, Deeds(act))

    assert (shown.status_code, done.status_code) == (503, 503)
    assert WORDS["nl"]["resident.away"] in shown.text
    assert WORDS["nl"]["resident.unsure"] in done.text


def test_where_nothing_is_kept_no_erasure_is_offered_or_asked(tmp_path: Path) -> None:
    deeds = Deeds()
    does = deeds.act

    class Nothing(Exception):
        code = "nothing-kept"

    def act(deed: str) -> Mapping[str, Any]:
        if deed == "erasure-asked":
            raise NotOpened("nothing") from Nothing()
        return {**does(deed), "kept": False}

    async def then(browser: Browser) -> Any:
        await browser.come_in()
        paths = ("/nl", "/nl/erase")
        return *[await browser.get(path) for path in paths], await browser.post("/nl/erase")

    deeds.act = act
    shown, sure, done = tried(tmp_path, then, deeds)

    assert 'href="/nl/object"' in shown.text
    assert 'href="/nl/erase"' not in shown.text
    for said in (sure, done):
        assert (said.status_code, WORDS["nl"]["resident.erase_nothing"] in said.text) == (200, True)
    assert 'action="/nl/erase"' not in sure.text


def test_a_desk_that_does_not_answer_leaves_a_true_sentence_and_nobody_in(tmp_path: Path) -> None:
    class Gone(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            raise httpx2.ReadTimeout("of the tests")

    async def then(browser: Browser) -> Any:
        await browser.come_in()
        browser.desk._http = httpx2.AsyncClient(transport=Gone(), base_url="http://desk")
        code = await browser.post("/nl/code", code="0" * 20)
        return code, await browser.post("/nl/leave"), dict(browser.http.cookies)

    code, left, cookies = tried(tmp_path, then)

    assert code.status_code == 503
    assert WORDS["nl"]["resident.code_unsure"] in code.text
    assert (left.status_code, left.headers["location"], cookies) == (303, "/nl", {})


def test_a_log_in_at_the_broker_is_passed_on_to_the_desk_and_counts_once(tmp_path: Path) -> None:
    with served() as broker:
        broker.claims = {"acr": "substantial", "bsn": BSN}
        identity = Identity(broker.url, OURS, "bsn", ("substantial",))

        async def then(browser: Browser) -> Any:
            there = await browser.get("/en/log-in")
            asked = parse_qs(urlsplit(there.headers["location"]).query)
            carried = str(browser.http.cookies.get("__Host-login"))
            # The provider of the tests gives back as nonce what it gets as code.
            back = f"/back?state={asked['state'][0]}&code={asked['nonce'][0]}"
            came = await browser.get(back)
            done = [await browser.get("/en"), browser.here.deeds.done]
            browser.http.cookies.set("__Host-login", carried, "mijn.example.org")
            other = await browser.get(back.replace("state=", "state=x"))
            return asked, came, done, other

        asked, came, (shown, deeds), other = tried(
            tmp_path, then, identity=identity, open_id=OpenId(broker.url, OURS, "s"), levels=("substantial",)
        )

    assert asked["acr_values"] == ["substantial"]
    assert asked["scope"] == ["openid"]
    assert asked["redirect_uri"] == [f"{ADDRESS}/back"]
    assert (came.status_code, came.headers["location"]) == (303, "/en")
    assert shown.status_code == 200
    assert deeds == [("resident (log-in)", "access", BSN)]
    assert other.status_code == 403
    assert WORDS["en"]["resident.log_in_failed"] in other.text


def test_who_logs_in_too_often_is_told_when_it_works_again(tmp_path: Path) -> None:
    with served() as broker:
        broker.claims = {"acr": "substantial", "bsn": BSN}

        async def then(browser: Browser) -> Any:
            for _ in range(LOG_INS_OF_ONE.amount + 1):
                there = await browser.get("/nl/log-in")
                asked = parse_qs(urlsplit(there.headers["location"]).query)
                came = await browser.get(f"/back?state={asked['state'][0]}&code={asked['nonce'][0]}")
            return came

        known: dict[str, Any] = {"identity": Identity(broker.url, OURS, "bsn", ("substantial",))}
        came = tried(tmp_path, then, open_id=OpenId(broker.url, OURS, "s"), **known)

    assert came.status_code == 429
    assert WORDS["nl"]["resident.often"] in came.text


def test_a_log_in_that_nobody_began_here_lets_nobody_in(tmp_path: Path) -> None:
    with served() as broker:

        async def then(browser: Browser) -> list[int]:
            return [(await browser.get(path)).status_code for path in ("/back", "/back?code=x&state=y")]

        assert tried(tmp_path, then, open_id=OpenId(broker.url, OURS, "s")) == [403, 403]
    assert tried(tmp_path, then) == [404, 404]


def test_both_languages_lead_to_each_other_and_the_browser_chooses_first(tmp_path: Path) -> None:
    async def then(browser: Browser) -> Any:
        first = [
            (await browser.http.get("/", headers={"accept-language": accepted})).headers["location"]
            for accepted in ("en-GB,en;q=0.9", "nl-NL", "de")
        ]
        return first, (await browser.get("/nl")).text, (await browser.get("/en")).text

    first, dutch, english = tried(tmp_path, then)

    assert first == ["/en", "/nl", "/nl"]
    assert 'href="/en" hreflang="en"' in dutch
    assert 'href="/nl" hreflang="nl"' in english


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("//evil.example/nl", "/en"), ("/nl//evil.example", "/en"), ("/nl/nothing", "/en"), ("/back", "/en"),
        ("/nl/object", "/en/object"), ("/nl/erase", "/en/erase"), ("/nl", "/en"),
    ],
)  # fmt: skip
def test_the_other_language_is_a_page_of_ours_whatever_the_path(
    tmp_path: Path, path: str, leads_to: str
) -> None:
    async def then(browser: Browser) -> str:
        await browser.come_in()
        return (await browser.get(f"{ADDRESS}{path}")).text

    assert f'href="{leads_to}" hreflang="en"' in tried(tmp_path, then)


def test_its_dutch_sentences_are_short() -> None:
    said = [text for name, text in WORDS["nl"].items() if name.startswith("resident.")]

    for text in said:
        assert max(len(sentence.split()) for sentence in re.split(r"[.?:!]\s|\n", text)) <= 16, text


def test_half_a_configuration_of_the_page_is_refused() -> None:
    whole: dict[str, Any] = {
        "desk_url": "https://desk.example.org",
        "resident_page_secret": SecretStr(SECRET),
        "resident_page_openid_issuer": "https://broker.example.org",
        "resident_page_openid_client_secret": SecretStr("of the broker"),
        "resident_page_openid_levels": ("substantial",),
    }

    assert config(Settings(**whole)).open_id is not None
    for left_out in whole.keys() - {"resident_page_openid_issuer"}:
        with pytest.raises(SettingsError, match="EROPAF_"):
            config(Settings(**{name: value for name, value in whole.items() if name != left_out}))
    for wrong in ({"resident_page_secret": SecretStr("short")}, {"resident_page_address": "http://mijn.nl"}):
        with pytest.raises(ValidationError) as refused:
            Settings(**{**whole, **wrong})
        assert "short" not in str(refused.value)
