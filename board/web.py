"""Pages from templates, in the reader's language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from eropaf.board.results import CHOICES
from eropaf.board.store import Session
from eropaf.board.user import Role
from eropaf.board.words import WORDS, chosen

FOLDER = Path(__file__).parent
MONTHS = {
    "nl": ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"],
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
}
OF_TEAM = (("/", "page.list"), ("/round", "page.mine"))
NAVIGATION = {
    Role.OUTREACH: OF_TEAM,
    Role.LEAD: (*OF_TEAM, ("/lead", "page.lead")),
    Role.AUDITOR: (("/why", "page.why"), ("/traces", "page.traces"), ("/command-line", "page.command")),
    Role.CLERK: (("/command-line", "page.command"),),
    Role.OPERATOR: (("/state", "page.state"),),
}
PAGES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def parts_of(address: str) -> SplitResult:
    """Give the parts of an address that a browser sent; those of an empty one where it is none."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def language(request: Request) -> str:
    """Give the reader's language."""
    return chosen(request.cookies.get("language"), request.headers.get("accept-language", ""))


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Answer with a page."""
    spoken = language(request)
    words = WORDS[spoken]
    session: Session | None = getattr(request.state, "session", None)
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
            pages=NAVIGATION[session.user.role] if session else (),
            days=lambda left: days(words, left),
            short=lambda on: short(spoken, on),
            lasted=lambda seconds: lasted(words, seconds),
            choices=CHOICES,
        ),
        status,
    )


def answer(request: Request, back: str, status: int = 200, **values: Any) -> Response:
    """Answer a form: JSON where a script sent it, else the page it came from."""
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse(values, status)
    return RedirectResponse(back, 303)


def days(words: Mapping[str, str], left: int | None) -> str:
    """Give how long there is left, as people say it."""
    if left is None:
        return ""
    if left == 0:
        return words["due.today"]
    if abs(left) == 1:
        return words["due.left_one" if left > 0 else "due.over_one"]
    return words["due.left" if left > 0 else "due.over"].format(abs(left))


def lasted(words: Mapping[str, str], seconds: int) -> str:
    """Give how long ago something was, in the largest unit that fits."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return words[f"state.ago_{unit}"].format(seconds // length)
    return words["state.ago_s"].format(seconds)


def short(spoken: str, on: date) -> str:
    """Give a date as people write it in a list."""
    return f"{on.day} {MONTHS[spoken][on.month - 1]}"


def _for_the_browser(words: Mapping[str, str]) -> dict[str, str]:
    parts = ("band.", "action.", "change.", "due.", "claim.", "list.", "home.", "result.")
    return {name: said for name, said in words.items() if name.startswith(parts)}
