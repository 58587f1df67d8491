"""WCAG 2.2 AA on each of the board's pages: narrow, widely spaced, by keyboard, and what stands out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.board.conftest import Visit
from tests.board.standing import Standing, key
from tests.board.test_beyond_axe import SPILLS
from tests.board.test_pages import POST

pytestmark = pytest.mark.kafka

# Who sees it, and where. The household is in the round of who looks, so that the round has a door.
PAGES = {
    "list": ("lotte", "/?band=URGENT"),
    "round": ("lotte", "/round"),
    "household": ("lotte", f"/households/{key(11)}"),
    "free": ("lotte", f"/households/{key(8)}"),
    "lead": ("lotte", "/lead"),
    "missing": ("lotte", "/x"),
    "offline": ("lotte", "/offline?language={language}"),
    "why": ("amira", "/why"),
    "traces": ("amira", "/traces"),
    "command line": ("clara", "/command-line"),
    "mismatches": ("clara", "/mismatches"),
    "state": ("olaf", "/state"),
    "log-in": (None, "/login"),
}
NARROW = {"width": 320, "height": 640}
# Of success criterion 1.4.12.
SPACED = """* { line-height: 1.5 !important; letter-spacing: .12em !important; }
    * { word-spacing: .16em !important; }
    p { margin-bottom: 2em !important; }"""
# Texts of which a part is cut off. What can be scrolled shows all of it.
CUT = """() => [...document.querySelectorAll("body *")].filter((each) => {
    const { overflowX, overflowY } = getComputedStyle(each);
    const cuts = [overflowX, overflowY].some((value) => ["hidden", "clip"].includes(value));
    const more = each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 1;
    const read = each.textContent.trim() && each.checkVisibility() && !each.closest(".sr, svg, .skip");
    const unseen = getComputedStyle(each).clipPath !== "none";  // for screen readers alone
    return cuts && more && read && !unseen;
}).map((each) => each.outerHTML.slice(0, 120))"""
OPENED = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"
# Relative luminance and contrast as WCAG defines them.
COLOURS = r"""
    const linear = (part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    const light = (colour) => {
        const [red, green, blue] = colour.match(/[\d.]+/g).slice(0, 3).map((part) => linear(part / 255));
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const contrast = (one, other) => {
        const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
        return (high + 0.05) / (low + 0.05);
    };
    const clear = (colour) => /, 0\)$/.test(colour);
    const behind = (each) => {
        for (let above = each.parentElement; above; above = above.parentElement) {
            const { backgroundColor } = getComputedStyle(above);
            if (!clear(backgroundColor)) return backgroundColor;
        }
        return "rgb(255, 255, 255)";
    };
"""
CONTROLS = (
    "button:not(.quiet), .button, select, .choice span, .chip span, "
    "input:not([type=checkbox], [type=radio], [type=hidden])"
)
FAINT = f"""() => {{ {COLOURS}
    const stands = (each, colour) => contrast(colour, behind(each)) >= 3;
    const faint = [...document.querySelectorAll("{CONTROLS}")].filter((each) => {{
        const {{ borderTopColor, borderTopWidth, backgroundColor }} = getComputedStyle(each);
        const drawn = parseFloat(borderTopWidth) ? [borderTopColor, backgroundColor] : [backgroundColor];
        return each.checkVisibility() && !drawn.some((colour) => !clear(colour) && stands(each, colour));
    }});
    const unlike = (of, property) => [...document.querySelectorAll(of)]
        .filter((each) => !stands(each, getComputedStyle(each)[property]));
    const marks = [...unlike(".plot .rect, .sketch circle", "fill"), ...unlike(".dot", "backgroundColor")];
    return [...faint, ...marks].map((each) => each.outerHTML.slice(0, 120));
}}"""
# What has the focus, whether a ring shows that, and whether it is in sight: not under what stays at an edge.
FOCUSED = f"""() => {{ {COLOURS}
    const {{ activeElement: each }} = document;
    if (each === document.body) return null;
    const ringed = each.matches("[type=radio], [type=checkbox]") ? each.nextElementSibling : each;
    const style = getComputedStyle(ringed, each.closest(".numbers") ? "::after" : null);
    const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    const {{ left, top, width, height }} = ringed.getBoundingClientRect();
    const points = [[0.1, 0.2], [0.5, 0.5], [0.9, 0.8]].map(
        ([x, y]) => document.elementFromPoint(left + x * width, top + y * height));
    const again = (window.passed ??= new Set()).has(each);
    window.passed.add(each);
    return {{
        what: each.outerHTML.slice(0, 120),
        again,
        ring: ring && contrast(style.outlineColor, behind(each)) >= 3,
        seen: points.some((point) => point && (ringed.contains(point) || point.contains(ringed))),
    }};
}}"""
CAN_HAVE_IT = "a[href], button, input:not([type=hidden]), select, summary, [tabindex='0']"
NOT_REACHED = f"""() => [...document.querySelectorAll("{CAN_HAVE_IT}")].filter((each) =>
    each.checkVisibility({{ contentVisibilityAuto: true, visibilityProperty: true }})
    && !each.closest("dialog:not([open])") && (each.type !== "radio" || each.checked)
    && !window.passed.has(each)).map((each) => each.outerHTML.slice(0, 120))"""


@pytest.fixture
def pages(visit: Visit, board: Standing) -> Any:
    """Yield each page in turn, as who sees it: with its name."""

    def opened(language: str = "nl", **screen: Any) -> Any:
        by_whom: dict[str | None, Page] = {}
        for name, (who, path) in PAGES.items():
            if who not in by_whom:
                by_whom[who] = visit(who, language=language, **screen)
                if who == "lotte":
                    by_whom[who].evaluate(POST.format(path=f"/households/{key(11)}/claim"))
                    by_whom[who].route(
                        "**/session", lambda route: route.abort()
                    )  # the page without a connection stays
            page = by_whom[who]
            page.goto(board.url + path.format(language=language))
            if name == "list":
                page.wait_for_selector("body[data-live=whole]")
            yield name, page

    return opened


def none_of(found: dict[str, list[str]]) -> None:
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize("language", ["nl", "en"])
def test_at_320_px_nothing_scrolls_sideways_or_overlaps(pages: Any, seen: Path, language: str) -> None:
    found: dict[str, list[str]] = {}
    for name, page in pages(language, phone=True):
        page.set_viewport_size(NARROW)
        page.evaluate(OPENED)
        found[name] = page.evaluate(SPILLS)
        page.screenshot(path=seen / f"narrow-{name.replace(' ', '-')}-{language}.png", full_page=True)
    none_of(found)


@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desk"])
def test_wider_text_spacing_cuts_nothing_off(pages: Any, phone: bool) -> None:
    found: dict[str, list[str]] = {}
    for name, page in pages(phone=phone, bypass_csp=True):
        page.evaluate(OPENED)
        page.add_style_tag(content=SPACED)
        assert page.evaluate("getComputedStyle(document.querySelector('h1')).wordSpacing") != "0px"
        found[name] = page.evaluate(SPILLS) + page.evaluate(CUT)
    none_of(found)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_controls_bars_and_marks_stand_out_by_three_to_one(pages: Any, dark: bool) -> None:
    found: dict[str, list[str]] = {}
    for name, page in pages(phone=True, dark=dark):
        page.emulate_media(reduced_motion="reduce", color_scheme="dark" if dark else "light")
        page.evaluate(OPENED)
        found[name] = page.evaluate(FAINT)
    none_of(found)


@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desk"])
def test_by_keyboard_all_is_reached_once_in_sight_and_left_again(pages: Any, phone: bool) -> None:
    found: dict[str, list[str]] = {}
    for name, page in pages(phone=phone):
        found[name] = []
        most = page.evaluate(f'document.querySelectorAll("{CAN_HAVE_IT}").length') + 10
        for _ in range(most):
            page.keyboard.press("Tab")
            at = page.evaluate(FOCUSED)
            if at is None or at["again"]:
                break
            found[name] += [f"{fault}: {at['what']}" for fault in ("ring", "seen") if not at[fault]]
        else:
            found[name].append("no end")
        found[name] += [f"not reached: {each}" for each in page.evaluate(NOT_REACHED)]
    none_of(found)
