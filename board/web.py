"""Pages from templates, in the reader's language."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from eropaf.board.follow_ups import farthest
from eropaf.board.results import CHOICES
from eropaf.board.safety import Level, farthest_mark
from eropaf.board.store import Session
from eropaf.board.user import Role
from eropaf.board.words import WORDS, chosen

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
MONTHS = {
    "nl": ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"],
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
}
LONG_MONTHS = {
    "nl": ["januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
           "november", "december"],
    "en": ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"],
}  # fmt: skip
WEEKDAYS = {
    "nl": ["ma", "di", "wo", "do", "vr", "za", "zo"],
    "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
}
OF_TEAM = (("/", "page.list"), ("/round", "page.mine"))
NAVIGATION = {
    Role.OUTREACH: OF_TEAM,
    Role.LEAD: (*OF_TEAM, ("/lead", "page.lead")),
    Role.AUDITOR: (("/why", "page.why"), ("/traces", "page.traces"), ("/command-line", "page.command")),
    Role.CLERK: (("/mismatches", "page.mismatches"), ("/command-line", "page.command")),
    Role.OPERATOR: (("/state", "page.state"),),
}
PAGES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
PAGES.globals.update(farthest=farthest, farthest_mark=farthest_mark, levels=tuple(Level))


def parts_of(address: str) -> SplitResult:
    """Return the parts of an address sent by a browser; of an empty one if it is invalid."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def language(request: Request) -> str:
    """Return the reader's language."""
    asked = getattr(request.state, "language", None)
    return chosen(asked or request.cookies.get("language"), request.headers.get("accept-language", ""))


@cache
def static_files() -> Sequence[str]:
    """Return the names of all static files."""
    return sorted(each.name for each in STATIC.iterdir())


@cache
def version() -> str:
    """Return the static files' version: it changes with their contents, so they can be cached."""
    contents = hashlib.sha256()
    for name in static_files():
        contents.update((STATIC / name).read_bytes())
    return contents.hexdigest()[:12]


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Answer with a page."""
    spoken = language(request)
    words = WORDS[spoken]
    session: Session | None = getattr(request.state, "session", None)
    # What the page before has to say: one of our own sentences, or nothing.
    notice = words.get(f"said.{request.query_params.get('said', '')}")
    return HTMLResponse(
        PAGES.get_template(template).render(
            **values,
            t=words,
            language=spoken,
            other="en" if spoken == "nl" else "nl",
            words_json=json.dumps(_for_the_browser(words)),
            user=session and session.user,
            csrf=session and session.csrf,
            path=request.url.path,
            theme=request.app.state.theme,
            static=f"/static/{version()}",
            modules=[each for each in static_files() if each.endswith(".js") and each != "board.js"],
            notice=notice,
            moment=lambda at: f"{at:%H:%M}",
            pages=NAVIGATION[session.user.role] if session else (),
            days=lambda left: days(words, left),
            short=lambda on: short(spoken, on),
            month=lambda on: LONG_MONTHS[spoken][on.month - 1],
            weekday=lambda on: WEEKDAYS[spoken][on.weekday()],
            lasted=lambda seconds: lasted(words, seconds),
            choices=CHOICES,
        ),
        status,
    )


def by_a_script(request: Request) -> bool:
    """Return whether a page's script sent the request, which times out, and not the browser itself."""
    return "application/json" in request.headers.get("accept", "")


def answer(request: Request, back: str, status: int = 200, said: str = "", **values: Any) -> Response:
    """Answer a form: JSON if a script sent it, otherwise the page it came from, showing `said`."""
    if by_a_script(request):
        return JSONResponse(values, status)
    return RedirectResponse(f"{back}{'&' if '?' in back else '?'}said={said}" if said else back, 303)


def days(words: Mapping[str, str], left: int | None) -> str:
    """Return the time left, in words."""
    if left is None:
        return ""
    if left == 0:
        return words["due.today"]
    if abs(left) == 1:
        return words["due.left_one" if left > 0 else "due.over_one"]
    return words["due.left" if left > 0 else "due.over"].format(abs(left))


def lasted(words: Mapping[str, str], seconds: int) -> str:
    """Return how long ago something was, in the largest fitting unit."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return words[f"state.ago_{unit}"].format(seconds // length)
    return words["state.ago_s"].format(seconds)


def short(spoken: str, on: date) -> str:
    """Return a date as people write it in a list."""
    return f"{on.day} {MONTHS[spoken][on.month - 1]}"


def _for_the_browser(words: Mapping[str, str]) -> dict[str, str]:
    parts = (
        "band.",
        "action.",
        "change.",
        "due.",
        "claim.",
        "list.",
        "home.",
        "refused.",
        "result.",
        "offline.",
        "safety.",
    )
    return {name: said for name, said in words.items() if name.startswith(parts)}
