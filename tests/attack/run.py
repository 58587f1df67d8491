"""An attack on a running board and its topics, and the verdict: does every page answer whom it should?"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psutil

from tests.attack.attackers import everybody
from tests.board.caller import Caller, hang_up
from tests.board.conftest import PRIVATE
from tests.board.standing import PASSWORD, Standing, city, key
from tests.builders import SECRET
from tests.integration.processes import PATIENCE_S, until

MOST_MB = 700
# What each role has to be able to see when all is over.
PAGES = {
    "sanne": ("/", "/round", f"/households/{key(3)}"),
    "lotte": ("/", "/round", "/lead", f"/households/{key(3)}"),
    "amira": ("/why", "/traces"),
    "clara": ("/command-line", "/mismatches"),
    "olaf": ("/state",),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of an attack; `wrong` holds a line for each promise that did not hold."""

    wrong: tuple[str, ...]
    seen: Counter[str]
    aside: int
    memory_mb: int

    def to_json(self) -> str:
        """Return it as one line."""
        return json.dumps(
            {
                "wrong": self.wrong,
                "done": self.seen.total(),
                "seen": dict(self.seen.most_common()),
                "set_aside": self.aside,
                "memory_mb": self.memory_mb,
            }
        )


def the_desk(bootstrap: str, folder: Path) -> Standing:
    """Return a board that is the desk too, so that every route does what it can."""
    return Standing(
        bootstrap,
        folder,
        EROPAF_AUDITORS_PRIVATE_KEY=PRIVATE,
        EROPAF_HOUSEHOLD_SECRET=SECRET.decode(),
        EROPAF_CREDITORS="rent",
    )


def attack(board: Standing, pid: int, seconds: float, seed: int) -> Verdict:
    """Attack a board that is ready for `seconds`, while a known device logs in now and then."""
    phones = {name: Caller(board) for name in PAGES}
    stopped = threading.Event()
    with ExitStack() as stack:
        stack.callback(hang_up)
        stack.callback(stopped.set)
        for name, phone in phones.items():
            assert phone.log_in(name).status_code == 303, "before anything happens"
        attackers = everybody(board, stopped, seed)
        for each in attackers:
            each.start()
        wrong: list[str] = []
        memory, ends = 0, time.monotonic() + seconds
        while time.monotonic() < ends:
            stopped.wait(min(5.0, seconds / 4))
            memory = max(memory, psutil.Process(pid).memory_info().rss >> 20)
            wrong += still_there(phones)
        stopped.set()
        for each in attackers:
            each.join(PATIENCE_S)
        board.ranking.tell(*city(95)[90:])
        wrong += still_there(phones)
        seen = sum((each.seen for each in attackers), Counter[str]())
        if memory > MOST_MB:
            wrong.append(f"{memory} MB")
        wrong += [f"{count} × {status}" for status, count in seen.items() if status.endswith("500")]
        if any(PASSWORD in line or "Traceback" in line for line in board.said.splitlines()):
            wrong.append("a password or a trace in the log")
        until(lambda: _has_read_all(phones["olaf"]), PATIENCE_S, "all that was written is read")
        aside = int(phones["olaf"].http.get("/state").text.split('data-aside="')[1].split('"')[0])
    return Verdict(tuple(dict.fromkeys(wrong)), seen, aside, memory)


def _has_read_all(operator: Caller) -> bool:
    return re.search(r"data-behind[^>]*>0<", operator.http.get("/state").text) is not None


def still_there(phones: dict[str, Caller]) -> list[str]:
    """Return what a role does not get of what it has to be able to see."""
    wrong = []
    for name, phone in phones.items():
        phone.http.cookies.pop("session", None)
        logged_in = _status(phone.log_in, name)
        if logged_in != 303:
            wrong.append(f"{name} cannot log in on a device that is known: {logged_in}")
            continue
        for path in (*PAGES[name], "/health/ready", "/health/live"):
            status = _status(phone.http.get, path)
            if status != 200:
                wrong.append(f"{path} for {name}: {status}")
    return wrong


def _status(ask: Callable[[str], httpx2.Response], what: str) -> int | str:
    """Return an answer's status. How long it took says how busy the machine is; none at all is a fault."""
    try:
        return ask(what).status_code
    except httpx2.TimeoutException:
        return f"no answer within {PATIENCE_S:.0f} s"
