"""A session that ended is worth nothing anywhere, not even to a page that has its stream open."""

from __future__ import annotations

import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import httpx2
import pytest
from playwright.sync_api import expect

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf_client.records import PriorityUpdate
from tests.board.caller import Caller
from tests.board.conftest import Visit
from tests.board.standing import ACCOUNTS, Standing, city, key, put_accounts
from tests.integration.processes import PATIENCE_S, Process, ended, until

pytestmark = pytest.mark.kafka


@pytest.fixture(scope="module")
def standing(kafka: EmbeddedKafka, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    made = Standing(kafka.bootstrap, tmp_path_factory.mktemp("sessions"))
    put_accounts(made.database)
    made.ranking.tell(*city(30))
    try:
        made.start()
        yield made
    finally:
        made.kill()


@pytest.fixture
def board(standing: Standing) -> Standing:
    """Return a board in which nobody is logged in and everybody may."""
    put_accounts(standing.database)
    in_the_database(standing, "DELETE FROM session")
    return standing


def newcomers(count: int) -> list[PriorityUpdate]:
    """Return households that were never told of, in 1011."""
    return [replace(city(1)[0], household=uuid.uuid4().hex) for _ in range(count)]


class Listening(threading.Thread):
    """A browser that holds its stream open; `told` is everything that came."""

    def __init__(self, caller: Caller) -> None:
        super().__init__(daemon=True)
        self._caller = caller
        self.told = ""
        self.over = threading.Event()
        self.start()
        until(lambda: "event: whole" in self.told, PATIENCE_S, "the list")

    def run(self) -> None:
        try:
            with self._caller.http.stream("GET", "/changes", timeout=PATIENCE_S) as stream:
                for part in stream.iter_text():
                    self.told += part
        except httpx2.HTTPError:
            self.told += "(cut off)"
        finally:
            self.over.set()


def command(board: Standing, *arguments: str) -> str:
    process = Process(
        ["-m", "eropaf.main", "board", *arguments], board.folder / "command.log", **board.environment
    )
    with ended(process):
        assert process.wait(PATIENCE_S) == 0, process.said
    return process.said


def in_the_database(board: Standing, statement: str) -> None:
    with closing(sqlite3.connect(board.folder / "board.db", timeout=PATIENCE_S)) as connection, connection:
        connection.execute(statement)


def logs_out(board: Standing, caller: Caller) -> None:
    caller.post("/logout")


def expires(board: Standing, caller: Caller) -> None:
    in_the_database(board, "UPDATE session SET begun_at = begun_at - 36001")


def is_left_alone(board: Standing, caller: Caller) -> None:
    in_the_database(board, "UPDATE session SET seen_at = seen_at - 7201")


def loses_an_area(board: Standing, caller: Caller) -> None:
    in_the_database(board, "UPDATE session SET areas = '1011'")


def changes_role(board: Standing, caller: Caller) -> None:
    in_the_database(board, "UPDATE session SET role = 'operator'")


def is_changed_by_a_command(board: Standing, caller: Caller) -> None:
    put_accounts(board.database, ACCOUNTS[:1])


def is_disabled(board: Standing, caller: Caller) -> None:
    assert "1 sessions ended" in command(board, "accounts", "disable", "sanne")


def is_ended_by_a_command(board: Standing, caller: Caller) -> None:
    assert "1 sessions ended" in command(board, "accounts", "end-sessions", "sanne")


@pytest.mark.parametrize(
    "happens",
    [
        logs_out,
        expires,
        is_left_alone,
        loses_an_area,
        changes_role,
        is_changed_by_a_command,
        is_disabled,
        is_ended_by_a_command,
    ],
    ids=lambda happens: happens.__name__,
)
def test_the_stream_ends_with_the_session(
    board: Standing, happens: Callable[[Standing, Caller], None]
) -> None:
    caller = Caller(board)
    caller.log_in("sanne")
    listening = Listening(caller)

    happens(board, caller)
    time.sleep(1.1)  # what another process ended shows within a second
    news = newcomers(20)
    board.ranking.tell(*news)

    assert listening.over.wait(PATIENCE_S)
    assert listening.told.endswith("event: ended\ndata:\n\n")
    assert not [update for update in news if update.household in listening.told]


def test_a_page_that_is_merely_open_keeps_no_session_alive(board: Standing) -> None:
    caller = Caller(board)
    caller.log_in("sanne")
    in_the_database(board, "UPDATE session SET seen_at = seen_at - 3600")

    Listening(caller)

    with closing(sqlite3.connect(board.folder / "board.db", timeout=PATIENCE_S)) as connection, connection:
        (seen_at,) = connection.execute("SELECT seen_at FROM session").fetchone()
    assert seen_at < time.time() - 3000


def test_who_is_disabled_cannot_log_in_until_enabled(board: Standing) -> None:
    command(board, "accounts", "disable", "merel")
    caller = Caller(board)
    assert caller.log_in("merel").status_code == 401
    said = command(board, "accounts", "list")
    assert "merel\toutreach\t1102\tdisabled" in said
    assert "lotte\tlead\tevery area\tmay log in" in said

    command(board, "accounts", "enable", "merel")
    assert caller.log_in("merel").status_code == 303
    assert "merel\t\t\tlogged in" in command(board, "accounts", "list")


def test_the_list_comes_back_by_itself_after_a_proxy_answered_502(visit: Visit, board: Standing) -> None:
    page = visit("sanne", board.url)
    page.route("**/changes", lambda route: route.fulfill(status=502, body="Bad Gateway"))
    with page.expect_response(lambda answer: answer.status == 502):
        board.kill()
    expect(page.locator("[data-state=lost]")).to_be_attached()
    board.start()
    page.unroute("**/changes")
    # Above every newcomer of the tests before, which share the topic: of two hundred rows the first hundred
    # are drawn, and among equals the household's key decides.
    news = replace(newcomers(1)[0], urgency=30_000)
    board.ranking.tell(news)

    expect(page.locator("[data-state=live]")).to_be_attached()
    expect(page.locator(f"[data-household='{news.household}']")).to_be_attached()


def test_a_page_whose_session_ended_shows_no_address_any_more(visit: Visit, board: Standing) -> None:
    page = visit("sanne", board.url)
    expect(page.locator("[data-list] .row").first).to_be_visible()

    command(board, "accounts", "end-sessions", "--everybody")
    board.ranking.tell(*newcomers(5))

    expect(page.locator("#password")).to_be_visible()
    assert key(0) not in page.content()


def test_a_flood_of_streams_of_one_session_is_refused(board: Standing) -> None:
    caller = Caller(board)
    caller.log_in("sanne")
    streams = [caller.http.stream("GET", "/changes") for _ in range(13)]
    answers = [stream.__enter__().status_code for stream in streams]

    assert answers == [200] * 12 + [429]
    for stream in streams:
        stream.__exit__(None, None, None)
