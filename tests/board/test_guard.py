"""What must not be possible, tried over plain HTTP."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

from tests.board.caller import Caller
from tests.board.standing import PASSWORD, Standing, key
from tests.words import mentions

pytestmark = pytest.mark.kafka


@pytest.fixture
def caller(board: Standing) -> Caller:
    return Caller(board)


def test_who_is_not_logged_in_sees_nothing(caller: Caller) -> None:
    for path in ("/", "/round", "/lead", f"/households/{key(1)}"):
        answer = caller.http.get(path)
        back = "" if path == "/" else f"?{urlencode({'back': path})}"
        assert (answer.status_code, answer.headers["location"]) == (303, f"/login{back}")
    assert caller.http.get("/changes", headers={"accept": "text/event-stream"}).status_code == 401
    form = {"outcome_id": str(uuid.uuid4()), "channel": "VISIT", "outcome": "not_reached"}
    told = caller.http.post(f"/households/{key(1)}", data=form, follow_redirects=True)
    assert (told.url.path, "er is niets gedaan" in told.text) == ("/login", True)
    by_a_script = {"accept": "application/json"}
    assert caller.http.post(f"/households/{key(1)}", data=form, headers=by_a_script).status_code == 401


def test_another_teams_area_is_not_there(caller: Caller) -> None:
    caller.log_in("merel")  # of 1102; household 1 lives in 1012

    assert key(1) not in caller.http.get("/").text
    assert caller.http.get(f"/households/{key(1)}").status_code == 404
    assert caller.register(key(1)) == 404
    assert caller.post(f"/households/{key(1)}/claim") == 404
    with caller.http.stream("GET", "/changes") as stream:
        told = ""
        for part in stream.iter_text():
            told += part
            if "event: whole" in told:
                break
    assert key(2) in told
    assert key(1) not in told


PAGES = (
    "/changes",
    "/round",
    f"/households/{key(10)}",
    "/lead",
    "/why",
    "/traces",
    "/command-line",
    "/mismatches",
    "/state",
    "/lead.csv",
)
DEEDS = (
    "/round",
    f"/households/{key(10)}",
    f"/households/{key(10)}/claim",
    f"/households/{key(10)}/release",
    f"/households/{key(10)}/hand-over",
    f"/households/{key(10)}/take-back",
    f"/households/{key(10)}/check-in",
    f"/households/{key(10)}/check-out",
    f"/households/{key(10)}/safety",
    "/why",
    "/command-line",
    "/mismatches",
    "/mismatches/number",
    "/mismatches/address",
)
OF_A_LEAD = {"/lead", "/lead.csv", f"/households/{key(10)}/safety"}
OF_THE_TEAM = {*PAGES[:3], *DEEDS[:-5]} - OF_A_LEAD


@pytest.mark.parametrize(
    ("name", "may", "begins"),
    [
        ("sanne", OF_THE_TEAM, "/"),
        ("lotte", OF_THE_TEAM | OF_A_LEAD, "/"),
        ("amira", {"/why", "/traces", "/command-line"}, "/why"),
        ("clara", {"/command-line", *DEEDS[-3:]}, "/command-line"),
        ("olaf", {"/state"}, "/state"),
    ],
    ids=["outreach", "lead", "auditor", "clerk", "operator"],
)
def test_each_role_sees_and_does_what_is_its_own_and_nothing_else(
    caller: Caller, name: str, may: set[str], begins: str
) -> None:
    caller.log_in(name)

    assert caller.http.get("/", follow_redirects=True).url.path == begins
    seen, done = set(), set()
    for path in PAGES:
        with caller.http.stream("GET", path) as answer:
            seen |= {path} if answer.status_code != 403 else set()
    for path in DEEDS:
        # Nothing that counts: a household that is not there, an area without one, no purpose.
        if caller.post(path.replace(key(10), key(999)), area="0000") != 403:
            done.add(path)
    assert seen == may & set(PAGES)
    assert done == may & set(DEEDS)


@pytest.mark.parametrize("name", ["amira", "clara", "olaf"])
def test_who_is_not_of_the_team_is_shown_no_household_and_given_none(
    caller: Caller, board: Standing, name: str
) -> None:
    caller.log_in(name)
    shown = caller.http.get("/", follow_redirects=True).text
    lead = Caller(board)
    lead.log_in("lotte")
    household = f"/households/{key(22)}"
    lead.post(f"{household}/claim")

    assert "/households/" not in shown
    assert not re.search("101[12] [A-K]{2} [0-9]", shown.replace('placeholder="1011 AB 12"', ""))
    assert lead.post(f"{household}/hand-over", to=name) == 400
    assert not mentions(lead.http.get(household).text, name)
    assert f">{name}<" not in lead.http.get("/lead").text
    lead.post(f"{household}/release")


@pytest.mark.parametrize(
    "forged",
    [
        {"outcome_id": "not an id"},
        {"channel": "TELEPATHY"},
        {"channel": "UNKNOWN"},
        {"outcome": "UNKNOWN"},
        {"outcome": "<script>"},
        {"ago_ms": str(5 * 86_400_000)},
        {"ago_ms": "-60000"},
        {"ago_ms": "9" * 30},
        {"ago_ms": "yesterday"},
    ],
)
def test_a_forged_outcome_is_refused(caller: Caller, forged: dict[str, str]) -> None:
    caller.log_in("sanne")

    assert caller.register(key(10), **forged) == 400
    assert caller.register("0" * 31 + "z") == 404


def test_a_change_needs_our_own_page(caller: Caller) -> None:
    caller.log_in("sanne")
    path = f"/households/{key(10)}"

    assert caller.http.post(path, data={"outcome": "talked"}).status_code == 403
    assert caller.http.post(path, data={"csrf": "x" * 43}).status_code == 403
    form = {"csrf": caller.csrf, "outcome_id": str(uuid.uuid4()), "channel": "VISIT", "outcome": "talked"}
    for foreign in (
        {"sec-fetch-site": "cross-site"},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
    ):
        assert caller.http.post(path, data=form, headers=foreign).status_code == 403
    assert caller.http.post(path, data=form | {"more": "x" * 20_000}).status_code == 413


@pytest.mark.parametrize("csrf", ["é" * 43, "\0", "\ud800".encode("utf-8", "replace").decode(), "x" * 9_000])
def test_a_token_of_any_letters_is_only_a_wrong_token(caller: Caller, csrf: str) -> None:
    caller.log_in("sanne")

    answer = caller.http.post(f"/households/{key(10)}", data={"csrf": csrf, "outcome": "talked"})

    assert answer.status_code == 403


def test_a_name_that_no_database_holds_is_only_a_wrong_name(caller: Caller) -> None:
    for name in ("null\0character", "é" * 100, "' OR 1=1 --", "\u202esanne"):
        assert caller.log_in(name, "guess").status_code == 401


def test_a_colleagues_household_is_not_mine_to_give_away(caller: Caller, board: Standing) -> None:
    other = Caller(board)
    other.log_in("youssef")
    other.post(f"/households/{key(12)}/claim")
    caller.log_in("sanne")

    assert caller.post(f"/households/{key(12)}/release") == 403
    assert caller.post(f"/households/{key(12)}/hand-over", to="sanne") == 403
    # Nor can a household be given to somebody whose area it is not in.
    refused = other.http.post(
        f"/households/{key(12)}/hand-over", data={"csrf": other.csrf, "to": "merel"}, follow_redirects=True
    )
    assert "werkt niet in deze wijk" in refused.text, "merel is of another area"
    assert 'class="held">Van mij' in refused.text
    other.post(f"/households/{key(12)}/release")


def test_after_logging_out_the_session_is_worth_nothing(caller: Caller) -> None:
    caller.log_in("sanne")
    kept = dict(caller.http.cookies)
    answer = caller.http.post("/logout", data={"csrf": caller.csrf})

    assert answer.headers["clear-site-data"] == '"cache"'
    caller.http.cookies.update(kept)
    assert caller.http.get("/").headers["location"] == "/login"


def test_a_session_taken_over_at_log_in_is_a_new_one(caller: Caller) -> None:
    caller.log_in("sanne")
    before = caller.http.cookies["session"]
    caller.log_in("sanne")

    assert caller.http.cookies["session"] != before
    caller.http.cookies.set("session", before)
    caller.http.cookies.clear()
    caller.http.cookies.set("session", before)
    assert caller.http.get("/").status_code == 303


def test_guessing_a_password_is_slowed_down(caller: Caller) -> None:
    def guess(number: int) -> int:
        form = {"name": "nobody", "password": f"guess number {number}"}
        return caller.http.post("/login", data=form).status_code

    # At once: one after the other may take longer than the minute in which they are counted.
    with ThreadPoolExecutor(7) as pool:
        answers = Counter(pool.map(guess, range(7)))

    assert answers == {401: 5, 429: 2}


def test_every_answer_protects_itself_and_stays_out_of_the_cache(caller: Caller) -> None:
    caller.log_in("sanne")
    for path in ("/", "/round", "/login", "/nowhere", f"/households/{key(10)}"):
        headers = caller.http.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers
    cookie = caller.http.post("/login", data={"name": "sanne", "password": PASSWORD}).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_the_way_back_leads_nowhere_else(caller: Caller) -> None:
    answer = caller.http.get("/language/en", headers={"referer": "https://elsewhere.example//evil.example/x"})

    assert answer.headers["location"] == "/"
    assert caller.http.get("/static/../app.py").status_code == 404
    assert caller.http.get("/static/%2e%2e/app.py").status_code == 404


def test_no_address_and_no_name_is_in_the_boards_log(caller: Caller, board: Standing) -> None:
    caller.log_in("sanne")
    caller.register(key(10))

    assert not mentions(board.said, "sanne")
    assert key(10) not in board.said
    assert PASSWORD not in board.said
