"""What a browser does where answers are late, not the board's, or do not come: the scripts, under Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any
from urllib.parse import quote

import pytest

from eropaf.board.guard import HEADERS
from eropaf.board.web import PAGES, STATIC
from tests.node import missing

# Minutes pass in no time: a timer is due at once, an answer comes after it.
LATE = """
const script = %s;
const listeners = {};
const self = { addEventListener: (name, heard) => { listeners[name] = heard; } };
const caches = { match: async () => "no connection" };
const answer = () => new Promise((done) => setImmediate(() => setImmediate(() => done("the answer"))));
const early = (due) => queueMicrotask(due);
new Function("self", "caches", "fetch", "setTimeout", script)(self, caches, answer, early);
const asked = async ([method, path]) => {
  let said;
  const request = { method, url: `https://board.example.org${path}`, mode: "navigate" };
  listeners.fetch({ request, respondWith: (given) => { said = given; } });
  return [method + " " + path, await said];
};
console.log(JSON.stringify(Object.fromEntries(await Promise.all(%s.map(asked)))));
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


def test_a_page_that_is_late_gives_way_and_a_form_or_what_takes_long_does_not() -> None:
    """A form may be done, and whoever opens why has left a trace."""
    script = PAGES.get_template("worker.js").render(version="1", language="nl", assets=[])
    asked = [("GET", "/"), ("GET", "/households/1"), ("POST", "/why"), ("GET", "/why"), ("GET", "/traces")]
    asked += [("POST", "/households/1/claim"), ("POST", "/login")]

    said = ran(LATE % (json.dumps(script), json.dumps(asked)))

    late = {"GET /", "GET /households/1"}
    assert said == {
        f"{method} {path}": "no connection" if f"{method} {path}" in late else "the answer"
        for method, path in asked
    }


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
    paths = ["/", "/logout", "/households/1/claim", "/households/1/hand-over", "/households/1", "/why"]
    script = f"console.log(JSON.stringify({json.dumps(paths)}.map(pageOf)));"
    said = using("{ pageOf }", "leaving.js", script)

    assert said == ["/", "/", "/households/1", "/households/1", "/households/1", "/why"]
