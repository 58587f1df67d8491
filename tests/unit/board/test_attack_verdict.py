"""What an attack is judged by: whether a page answers, never how long a busy machine takes for it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import httpx2

from tests.attack.run import still_there
from tests.board.caller import Caller
from tests.integration.processes import PATIENCE_S


def phone(hangs: str = "") -> Caller:
    """Return a phone whose board answers all but `hangs`."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == hangs:
            raise httpx2.ReadTimeout("nothing came", request=request)
        return httpx2.Response(303 if request.method == "POST" else 200)

    standing: Any = SimpleNamespace(url="http://127.0.0.1:8080")
    made = Caller(standing)
    made.http = httpx2.Client(transport=httpx2.MockTransport(answer), base_url=standing.url)
    return made


def test_a_page_that_hangs_is_a_fault_and_the_others_are_looked_at_all_the_same() -> None:
    (hanging,) = still_there({"lotte": phone("/lead"), "olaf": phone()})

    assert hanging.startswith("/lead for lotte: no answer within")


def test_a_log_in_that_hangs_is_a_fault() -> None:
    (hanging,) = still_there({"lotte": phone("/login"), "olaf": phone()})

    assert "lotte cannot log in on a device that is known: no answer within" in hanging


def test_a_phone_waits_for_as_long_as_a_busy_machine_may_take() -> None:
    standing: Any = SimpleNamespace(url="http://127.0.0.1:8080")

    assert Caller(standing).http.timeout == httpx2.Timeout(PATIENCE_S)
    assert still_there({"olaf": phone()}) == [], "and whatever answers within it is no fault"
