"""What a browser does where answers are late, not the board's, or do not come: the scripts, under Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from eropaf.board.back import ours, way_back
from eropaf.board.guard import HEADERS
from eropaf.board.web import PAGES, STATIC
from tests.node import missing

# A page's worker, and what it says to a request: "the answer" that came, or that there is no connection.
# Minutes pass in no time: a timer is due at once, an answer comes after it. `stored` is kept for later.
WORKER = """
const listeners = {};
const self = { addEventListener: (name, heard) => { listeners[name] = heard; }, skipWaiting() {} };
const stored = [];
const put = async (path) => stored.push(path);
const caches = { match: async () => "no connection", open: async () => ({ put }) };
const comes = () => new Promise((done) => setImmediate(() => setImmediate(done)));
const early = (due) => queueMicrotask(due);
const never = () => {};
const script = new Function("self", "caches", "fetch", "setTimeout", SCRIPT);
const works = (fetch, timer) => script(self, caches, fetch, timer);
const asked = async ([method, path]) => {
  let said;
  const request = { method, url: `https://board.example.org${path}`, mode: "navigate" };
  listeners.fetch({ request, respondWith: (given) => { said = given; } });
  return [method + " " + path, await said === "no connection" ? "no connection" : "the answer"];
};
const told = (said) => console.log(JSON.stringify(said));
"""
IMPORTED = "const %s = await import(%s);\n"


def ran(script: str) -> Any:
    node = shutil.which("node")
    if node is None:
        missing("node", "Debian's nodejs")
    done = subprocess.run(
        [str(node), "--input-type=module", "-e", script], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def module(name: str) -> str:
    """Return a script of ours as an address that can be imported, and so what it imports itself."""
    source = (STATIC / name).read_text()
    for other in STATIC.glob("*.js"):
        if f'"./{other.name}"' in source:
            source = source.replace(f'"./{other.name}"', f'"{module(other.name)}"')
    return f"data:text/javascript,{quote(source)}"


def using(what: str, name: str, script: str) -> Any:
    return ran(IMPORTED % (what, json.dumps(module(name))) + script)


def worker(script: str) -> Any:
    source = PAGES.get_template("worker.js").render(version="1", language="nl", assets=["/static/1/list.js"])
    return ran(f"const SCRIPT = {json.dumps(source)};{WORKER}{script}")


def response(status: int, headers: dict[str, str]) -> str:
    return f"new Response(null, {{ status: {status}, headers: {json.dumps(headers)} }})"


def test_a_page_that_is_late_gives_way_and_a_form_or_what_takes_long_does_not() -> None:
    """A form may be done, whoever opens why has left a trace, and a provider's answer is worth one log-in."""
    late = [("GET", "/"), ("GET", "/households/1"), ("GET", "/login")]
    asked = [*late, ("POST", "/why"), ("GET", "/why"), ("GET", "/traces"), ("GET", "/login/back?code=1")]
    asked += [("GET", "/login/provider"), ("POST", "/households/1/claim"), ("POST", "/login")]

    said = worker(f"""
        works(async () => {{ await comes(); return {response(200, HEADERS)}; }}, early);
        told(Object.fromEntries(await Promise.all({json.dumps(asked)}.map(asked))));
    """)

    assert said == {
        f"{method} {path}": "no connection" if (method, path) in late else "the answer"
        for method, path in asked
    }


def test_what_answers_in_the_boards_place_is_shown_only_where_it_asks_who_one_is() -> None:
    """Else a proxy's page would stand there, without a word of what is kept, and without a way back."""
    answers = {f"the board's {status}": response(status, HEADERS) for status in (200, 404, 503)}
    answers["a redirect"] = '{ type: "opaqueredirect", status: 0, headers: new Headers() }'
    answers |= {f"another's {status}": response(status, {}) for status in (401, 403, 407, 511)}
    shown = set(answers)
    # A network's own page, a proxy that lost its way, one that says that the board is away.
    answers |= {f"another's {status}": response(status, {}) for status in (200, 404, 500, 502, 503, 504)}
    each = ", ".join(f"{json.dumps(name)}: {answer}" for name, answer in answers.items())

    said = worker(f"""
        const said = {{}};
        for (const [name, answer] of Object.entries({{ {each} }})) {{
          works(async () => answer, never);
          said[name] = [await asked(["GET", "/"]), await asked(["POST", "/round"])].map((each) => each[1]);
        }}
        told(said);
    """)

    assert {name for name, said_to in said.items() if said_to == ["the answer"] * 2} == shown
    assert {name for name, said_to in said.items() if said_to == ["no connection"] * 2} == set(
        answers
    ) - shown


@pytest.mark.parametrize(
    ("answer", "kept"),
    [(response(200, HEADERS), True), (response(200, {}), False), (response(503, HEADERS), False)],
)
def test_only_the_boards_own_files_are_kept_for_later(answer: str, kept: bool) -> None:
    """Another page in the place of a script would be kept until the next version."""
    said = worker(f"""
        works(async () => ({answer}), never);
        let installed;
        listeners.install({{ waitUntil: (given) => {{ installed = given; }} }});
        await installed.catch(() => {{}});
        told(stored);
    """)

    assert said == (["/offline?language=nl", "/static/1/list.js"] if kept else [])


@pytest.mark.parametrize(
    "sending",
    ["() => new Promise(() => {})", "async () => undefined", "() => undefined", "() => { throw Error() }"],
    ids=["hangs", "later", "another-tab-sends", "fails"],
)
def test_who_logs_out_is_logged_out_whatever_becomes_of_what_is_kept(sending: str) -> None:
    said = using(
        "{ leave }",
        "leaving.js",
        f"""
        globalThis.setTimeout = (due) => setImmediate(due);
        let submitted = 0;
        await leave({{ hurry: {sending} }}, {{ submit: () => submitted++ }}).catch(() => {{}});
        console.log(submitted);
    """,
    )

    assert said == 1


@pytest.mark.parametrize(
    ("status", "marked", "goes"),
    [
        (200, True, True),
        (401, True, True),
        (403, True, True),
        (503, True, False),
        (200, False, False),
        (302, False, False),
        (401, False, False),
        (502, False, False),
    ],
)
def test_the_page_without_a_connection_goes_on_where_the_board_itself_answers(
    status: int, marked: bool, goes: bool
) -> None:
    headers = HEADERS if marked else {"Server": "a proxy"}
    said = using(
        "{ answers }",
        "answering.js",
        f"""
        const init = {{ status: {status}, headers: {json.dumps(headers)} }};
        globalThis.fetch = async () => new Response("", init);
        console.log(await answers());
    """,
    )

    assert said is goes


def test_where_nothing_answers_the_page_without_a_connection_stays() -> None:
    script = "globalThis.fetch = async () => { throw TypeError(); }; console.log(await answers());"
    said = using("{ answers }", "answering.js", script)

    assert said is False


def test_from_a_forms_address_one_comes_to_a_page() -> None:
    deeds = ["claim", "release", "hand-over", "take-back", "safety", "check-in", "check-out"]
    forms = ["/logout", *(f"/households/1/{deed}" for deed in deeds)]
    paths = [*forms, "/", "/households/1", "/why"]
    script = f"console.log(JSON.stringify({json.dumps(paths)}.map(pageOf)));"
    said = using("{ pageOf }", "leaving.js", script)

    assert said == ["/", *["/households/1"] * len(deeds), "/", "/households/1", "/why"]
    assert [ours(path) for path in paths] == said, "the board and its pages agree"


def test_the_log_in_that_a_page_leads_to_leads_back_to_it_with_its_filters() -> None:
    here = [("/", "?area=1011&band=HIGH&band=LOW"), ("/households/1/claim", ""), ("/", "")]
    places = json.dumps([{"pathname": path, "search": query} for path, query in here])
    said = using("{ logIn }", "leaving.js", f"console.log(JSON.stringify({places}.map(logIn)));")

    asked = [parse_qs(urlsplit(each).query)["back"][0] for each in said]
    assert [way_back(each) for each in asked] == ["/?area=1011&band=HIGH&band=LOW", "/households/1", "/"]
