"""Redirects back to one of our pages: from the log-in, a refused form, a change of language."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request

from eropaf.board.web import parts_of

START = "/"
LOG_IN = "/login"
# Also what a log-in at a provider carries through the browser: far less than a cookie may hold.
LONGEST_WAY_BACK = 500
# A path of ours, which has no letters that a browser reads otherwise than we do.
PATH = re.compile(r"/|(?:/[A-Za-z0-9-]+)+")
# A form's own address has no page: that is above it.
FORM = re.compile(r"/(claim|release|hand-over|take-back|safety|check-in|check-out|logout)$")
# What a page says once, of the deed before it.
SAID_ONCE = ("said", "undo")


def way_back(said: str) -> str:
    """Return where a log-in leads: the requested page if it is ours, otherwise the start page."""
    page = ours(said)
    return START if page.startswith(LOG_IN) else page


def came_from(request: Request) -> str:
    """Return our page that a link or form was on; the start page if the browser does not say."""
    parts = parts_of(request.headers.get("referer", ""))
    return ours(parts._replace(scheme="", netloc="", fragment="").geturl())


def ours(said: str) -> str:
    """Return the path and query if the text names a page of ours; otherwise the start page."""
    parts = parts_of(said)
    path = FORM.sub("", parts.path)
    if parts.scheme or parts.netloc or len(said) > LONGEST_WAY_BACK or not PATH.fullmatch(path):
        return START
    query = urlencode([each for each in parse_qsl(parts.query) if each[0] not in SAID_ONCE])
    return f"{path}?{query}" if query else path


def leading_back(where: str, back: str, said: str = "") -> str:
    """Return the log-in address `where` that later leads to `back`, and first shows `said`."""
    told = {"said": said, "back": "" if back == START else back}
    query = urlencode({name: each for name, each in told.items() if each})
    return f"{where}?{query}" if query else where
