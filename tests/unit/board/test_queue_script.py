"""What a phone keeps until the board has it, whoever answers, and in whatever order: under Node."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.board.test_scripts import using

# A browser's parts that the queue uses. `answers` says what comes back on each path, one answer after the
# other and the last again; `asked` is what was asked.
BROWSER = """
const stored = new Map();
const define = (name, value) => Object.defineProperty(globalThis, name, { value, writable: true });
define("localStorage", {
  getItem: (name) => stored.get(name) ?? null, setItem: (name, value) => stored.set(name, value),
  removeItem: (name) => stored.delete(name), key: (at) => [...stored.keys()][at],
  get length() { return stored.size; },
});
define("navigator", { onLine: true });
define("document", { addEventListener() {} });
for (const name of ["addEventListener", "setInterval", "setTimeout"]) define(name, () => {});
const asked = [];
const headers = { "Eropaf-Board": "1" };
const own = (status, body = {}) => () => new Response(JSON.stringify(body), { status, headers });
const elses = (status) => () => new Response("<h1>Log in to this network</h1>", { status });
let answers = {};
const ways = [];
const limits = [];
const limited = AbortSignal.timeout;
AbortSignal.timeout = (limit) => { limits.push(limit); return limited(60_000); };
define("fetch", async (path, { body, keepalive, signal }) => {
  ways.push({ keepalive, limited: signal !== undefined });
  asked.push(body ? `${path} ${body.get("outcome_id")} ${body.get("csrf")}` : path);
  const said = answers[path];
  return (said.length > 1 ? said.shift() : said[0])();
});
const item = (number) => ({
  household: `h${number}`, channel: "VISIT", outcome: "talked", outcome_id: `o${number}`,
});
const settled = () => new Promise((done) => setImmediate(() => setImmediate(done)));
const told = () => console.log(JSON.stringify({ asked, waits: queue.waiting.map((each) => each.outcome_id),
  refused: queue.refused.map((each) => each.refused), ended: queue.ended, ways, limits }));
const queue = new Queue("sanne", "token");
"""


def queue(script: str) -> dict[str, Any]:
    said: dict[str, Any] = using("{ Queue }", "queue.js", BROWSER + script + "\nawait settled(); told();")
    return said


def after(*answers: str, session: str = "own(503)") -> dict[str, Any]:
    """Return what is so after one result was sent, and this came back."""
    return queue(f"""
        answers = {{ "/households/h1": [{", ".join(answers)}], "/session": [{session}] }};
        queue.register(item(1), false);
        await settled();
    """)


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 413, 502])
def test_what_answers_in_the_boards_place_takes_nothing_and_refuses_nothing(status: int) -> None:
    said = after(f"elses({status})")

    assert (said["waits"], said["refused"], said["ended"]) == (["o1"], [], False)


@pytest.mark.parametrize(
    ("status", "waits", "refused"),
    [
        (200, [], []),
        (401, ["o1"], []),
        (429, ["o1"], []),
        (503, ["o1"], []),
        (400, [], [400]),
        (404, [], [404]),
    ],
)
def test_what_the_board_takes_goes_what_it_refuses_stays_in_sight_and_all_else_waits(
    status: int, waits: list[str], refused: list[int]
) -> None:
    said = after(f"own({status})")

    assert (said["waits"], said["refused"], said["ended"]) == (waits, refused, status == 401)


def test_with_a_token_that_another_tab_renewed_it_is_sent_again_at_once() -> None:
    said = after("own(403)", "own(200)", session='own(200, { user: "sanne", csrf: "new" })')

    assert said["asked"] == ["/households/h1 o1 token", "/session", "/households/h1 o1 new"]
    assert (said["waits"], said["refused"]) == ([], [])


def test_a_session_that_ends_between_two_tries_refuses_nothing() -> None:
    said = after("own(403)", "own(401)", session='own(200, { user: "sanne", csrf: "new" })')

    assert (said["waits"], said["refused"], said["ended"]) == (["o1"], [], True)


def test_a_result_outlives_its_page_and_is_waited_for_for_eight_seconds() -> None:
    said = after("own(200)")

    assert (said["ways"], said["limits"]) == ([{"keepalive": True, "limited": True}], [8000])


def test_what_is_final_waits_ten_seconds_for_an_undo_and_is_then_sent() -> None:
    said = queue("""
        answers = { "/households/h1": [own(200)] };
        const began = Date.now();
        queue.register(item(1), true);
        Date.now = () => began + 9_900;
        await queue.send();
        if (asked.length || !queue.mayUndo("o1")) throw Error("it was sent too soon");
        Date.now = () => began + 10_100;
        await queue.send();
    """)

    assert (said["asked"], said["waits"]) == (["/households/h1 o1 token"], [])


def test_a_phone_without_a_connection_sends_nothing_that_can_then_not_be_taken_back() -> None:
    said = queue("""
        answers = { "/households/h1": [own(200)] };
        navigator.onLine = false;
        queue.register(item(1), false);
        await settled();
        if (!queue.mayUndo("o1")) throw new Error("it was not sent");
    """)

    assert (said["asked"], said["waits"]) == ([], ["o1"])


def test_a_phone_that_has_no_room_left_sends_what_it_kept() -> None:
    said = queue("""
        answers = { "/households/h1": [own(200)] };
        localStorage.setItem("queue:sanne:o1", JSON.stringify({ ...item(1), at: 0, due: 0 }));
        localStorage.setItem = () => { throw new Error("no room"); };
        await queue.send();
    """)

    assert said["waits"] == []


@pytest.mark.parametrize(
    ("session", "waits", "refused", "ended"),
    [
        ('own(200, { user: "youssef", csrf: "his" })', ["o1"], [], True),  # on the same phone
        ("own(401)", ["o1"], [], True),
        ("own(503)", ["o1"], [], False),
        ("elses(200)", ["o1"], [], False),
        ('own(200, { user: "sanne", csrf: "token" })', [], [403], False),
        ("own(403)", [], [403], False),
    ],
)
def test_a_refused_token_refuses_a_result_only_where_it_is_the_one_in_force(
    session: str, waits: list[str], refused: list[int], ended: bool
) -> None:
    said = after("own(403)", session=session)

    assert (said["waits"], said["refused"], said["ended"]) == (waits, refused, ended)
    assert "his" not in " ".join(said["asked"]), "nothing is sent in a colleague's name"


def test_after_the_next_log_in_the_page_no_longer_says_that_one_must_log_in() -> None:
    said = queue("""
        answers = { "/households/h1": [own(401), own(400)], "/session": [own(503)] };
        queue.register(item(1), false);
        await settled();
        await queue.send();
    """)

    assert (said["waits"], said["refused"], said["ended"]) == ([], [400], False)


def test_one_that_the_board_cannot_take_now_holds_up_no_other() -> None:
    said = queue("""
        answers = { "/households/h1": [own(500)], "/households/h2": [own(200)] };
        queue.register(item(1), false);
        queue.register(item(2), false);
        await settled();
    """)

    assert said["waits"] == ["o1"]


def test_one_that_is_taken_back_while_another_is_on_its_way_is_not_sent() -> None:
    said = queue("""
        let come;
        const late = () => new Promise((done) => { come = () => done(own(200)()); });
        answers = { "/households/h1": [late], "/households/h2": [own(200)] };
        queue.register(item(1), false);
        queue.register(item(2), true);
        queue.put({ ...queue.items[1], due: 0 });
        await settled();
        if (!queue.undo("o2")) throw Error("it was not sent yet");
        come();
        await settled();
    """)

    assert said["asked"] == ["/households/h1 o1 token"]
    assert said["waits"] == []


def test_one_that_was_sent_and_not_answered_cannot_be_taken_back() -> None:
    """It may be stored."""
    said = queue("""
        answers = { "/households/h1": [() => { throw new TypeError("no answer"); }] };
        queue.register(item(1), false);
        await settled();
        if (queue.undo("o1")) throw Error("it may be stored");
    """)

    assert said["waits"] == ["o1"]


def test_a_clock_that_is_set_back_leaves_nothing_waiting_for_hours() -> None:
    said = queue("""
        answers = { "/households/h1": [own(200)] };
        queue.register(item(1), true);
        const now = Date.now();
        Date.now = () => now - 3_600_000;
        await queue.send();
    """)

    assert said["waits"] == []
    assert len(said["asked"]) == 1


def test_nobody_sends_what_a_person_of_a_longer_name_keeps() -> None:
    kept = json.dumps(json.dumps({"outcome_id": "o1", "household": "h1", "at": 0, "due": 0}))
    said = queue(f"stored.set('queue:sanne:b:o1', {kept}); await queue.send();")

    assert (said["asked"], said["waits"]) == ([], [])
