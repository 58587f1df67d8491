"""What the list shows of what it is told, and when: under Node."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.board.test_scripts import module, using

# `told` takes what the board sends, in its order; `shown` is the list.
LIST = f"""
const {{ Order }} = await import({json.dumps(module("order.js"))});
const order = new Order();
const arriving = new Arriving(order);
const row = (household) => ({{ household, rank: household }});
const gone = (household) => ({{ household, rank: null }});
const everything = (...rows) => {{ arriving.begin(); arriving.take(rows); arriving.whole = true; }};
const show = () => arriving.settle(() => {{}});
const shown = () => order.ranked.map((each) => each.household).join(" ");
everything(row("a"), row("b"), row("x"));
show();
"""

# Events of an element reach the page's listeners with that element as their target.
PAGE = """
const page = new EventTarget();
let lifted = 0;
globalThis.setTimeout = (due) => due();
const finger = new Finger(page, () => lifted++);
const happens = (name, more = {}) => page.dispatchEvent(Object.assign(new Event(name), more));
"""


def shown(script: str) -> str:
    said: str = using("{ Arriving }", "arriving.js", f"{LIST}{script}\nconsole.log(JSON.stringify(shown()));")
    return said


def lifted(*events: str) -> Any:
    script = "\n".join(f"happens({each});" for each in events)
    said = "console.log(JSON.stringify([finger.down, lifted > 0]));"
    return using("{ Finger }", "finger.js", PAGE + script + said)


def test_who_left_while_the_list_was_held_still_and_the_board_away_does_not_stay() -> None:
    assert shown('arriving.take([row("x")]); everything(row("a"), row("b")); show();') == "a b"


def test_who_is_told_of_again_while_the_list_is_held_still_is_shown_as_told_last() -> None:
    assert shown('arriving.take([gone("x")]); everything(row("a"), row("b"), row("x")); show();') == "a b x"


def test_a_list_that_is_shown_while_all_of_it_is_told_a_second_time_is_not_emptied() -> None:
    """Held still while a board started twice, and shown before the second had told all."""
    assert shown('everything(row("a"), row("b")); arriving.begin(); show();') == "a b x"


def test_what_waits_is_shown_in_its_place_and_says_who_moved() -> None:
    assert shown('arriving.take([gone("a"), row("c")]); show();') == "b c x"
    moved = 'arriving.take([row("a"), row("c"), gone("b")]); const { moved } = show();'
    assert shown(f'{moved} if ([...moved].join(" ") !== "c b") throw Error([...moved]);') == "a c x"


@pytest.mark.parametrize("tells", ["'pointerup'", "'pointercancel'", "'change'", "'blur'"])
def test_a_finger_is_gone_when_anything_tells_so(tells: str) -> None:
    """A native choice may keep the pointerup to itself: the list would stand still for ever."""
    assert lifted("'pointerdown'") == [True, False]
    assert lifted("'pointerdown'", tells) == [False, True]


def test_a_pointer_that_moves_and_presses_nothing_is_no_finger() -> None:
    assert lifted("'pointerdown'", "'pointermove', { buttons: 1 }") == [True, False]
    assert lifted("'pointerdown'", "'pointermove', { buttons: 0 }") == [False, True]


def test_a_row_says_for_five_seconds_how_many_places_it_moved() -> None:
    said = using(
        "{ RowDrawer }",
        "row.js",
        """
        const timers = [];
        globalThis.setTimeout = (due, wait) => timers.push([due, wait]);
        globalThis.clearTimeout = () => {};
        const words = { "list.up": "{} places up", "list.down_one": "1 place down", "change.ROSE": "rose" };
        const cell = { textContent: "" };
        const element = { dataset: {}, querySelector: () => cell };
        const drawer = new RowDrawer(words, "sanne");
        const said = [];
        for (const places of [2, -1]) {
            drawer.moved(element, { change: "ROSE" }, places);
            const [due, wait] = timers.pop();
            said.push(cell.textContent, element.dataset.moved, wait);
            due();
            said.push(cell.textContent, element.dataset.moved ?? null);
        }
        console.log(JSON.stringify(said));
        """,
    )

    assert said == ["2 places up", "up", 5000, "rose", None, "1 place down", "down", 5000, "rose", None]
