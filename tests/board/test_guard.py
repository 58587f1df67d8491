"""What must not be possible, tried over plain HTTP."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import httpx2
import pytest

from tests.board.standing import PASSWORD, Standing, key

pytestmark = pytest.mark.kafka


class Caller:
    """Somebody with a browser that does whatever it is told."""

    def __init__(self, board: Standing) -> None:
        self.http = httpx2.Client(base_url=board.url, headers={"accept": "text/html"}, timeout=20)
        self.csrf = ""

    def log_in(self, name: str, password: str = PASSWORD) -> httpx2.Response:
        answer = self.http.post("/login", data={"name": name, "password": password})
        found = re.search('data-csrf="([^"]*)"', self.http.get("/").text)
        self.csrf = found[1] if found else ""
        return answer

    def post(self, path: str, **fields: str) -> int:
        return self.http.post(path, data={"csrf": self.csrf, **fields}).status_code

    def register(self, household: str, **fields: str) -> int:
        known = {"outcome_id": str(uuid.uuid4()), "channel": "VISIT", "outcome": "not_reached"}
        return self.post(f"/households/{household}", **{**known, **fields})


@pytest.fixture
def caller(board: Standing) -> Iterator[Caller]:
    made = Caller(board)
    yield made
    made.http.close()


def test_who_is_not_logged_in_sees_nothing(caller: Caller) -> None:
    for path in ("/", "/round", "/lead", f"/households/{key(1)}"):
        answer = caller.http.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert caller.http.get("/changes", headers={"accept": "text/event-stream"}).status_code == 401
    assert caller.register(key(1)) == 401


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


def test_the_leads_view_is_for_leads(caller: Caller) -> None:
    caller.log_in("sanne")

    assert caller.http.get("/lead").status_code == 403


@pytest.mark.parametrize(
    "forged",
    [
        {"outcome_id": "not an id"},
        {"channel": "TELEPATHY"},
        {"channel": "UNKNOWN"},
        {"outcome": "UNKNOWN"},
        {"outcome": "<script>"},
        {"at": "2020-01-01T00:00:00+00:00"},
        {"at": "2026-01-01T00:00:00"},
        {"at": "yesterday"},
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


def test_a_colleagues_household_is_not_mine_to_give_away(caller: Caller, board: Standing) -> None:
    other = Caller(board)
    other.log_in("youssef")
    other.post(f"/households/{key(12)}/claim")
    caller.log_in("sanne")

    assert caller.post(f"/households/{key(12)}/release") == 403
    assert caller.post(f"/households/{key(12)}/hand-over", to="sanne") == 403
    # Nor can a household be given to somebody whose area it is not in.
    assert other.post(f"/households/{key(12)}/hand-over", to="merel") == 400
    other.post(f"/households/{key(12)}/release")
    other.http.close()


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
    answers = [caller.log_in("nobody", f"guess number {number}").status_code for number in range(7)]

    assert answers[:5] == [401] * 5
    assert set(answers[5:]) == {429}


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

    assert answer.headers["location"] == "/evil.example/x"
    assert caller.http.get("/static/../app.py").status_code == 404
    assert caller.http.get("/static/%2e%2e/app.py").status_code == 404


def test_no_address_and_no_name_is_in_the_boards_log(caller: Caller, board: Standing) -> None:
    caller.log_in("sanne")
    caller.register(key(10))

    assert "sanne" not in board.said
    assert key(10) not in board.said
    assert PASSWORD not in board.said
