"""Who attacks the board: people of every role, strangers, and who may write to the topics that it reads."""

from __future__ import annotations

import json
import random
import threading
import uuid
from collections import Counter
from contextlib import closing
from typing import Protocol

import httpx2
from confluent_kafka import Producer

from eropaf_client.schemas.topics import CLAIMS, OUTCOMES
from tests.attack.records import hostile_claims, hostile_outcomes, noise
from tests.board.caller import Caller
from tests.board.standing import ACCOUNTS, PASSWORD, Standing, key
from tests.integration.processes import PATIENCE_S

HOME = f"/households/{key(3)}"
GETS = (
    "/", "/round", "/lead", "/why", "/traces", "/command-line", "/mismatches", "/state", "/session", "/login",
    "/login/provider",
    "/login/back", HOME, "/language/en", "/language/../x", "/static/list.js", "/static/%2e%2e/app.py",
    "/health/ready", "/health/live", "/nowhere", f"/households/{'z' * 4000}",
    "/?area=%00", "/lead?area='--&channel=%ff",
)  # fmt: skip
POSTS = (
    "/round", HOME, f"{HOME}/claim", f"{HOME}/release", f"{HOME}/hand-over", f"{HOME}/take-back",
    f"{HOME}/safety", f"{HOME}/check-in", f"{HOME}/check-out", "/why",
    "/command-line", "/mismatches", "/mismatches/number", "/mismatches/address", "/login", "/login/ended",
    "/deeds/explain",
)  # fmt: skip
DEEDS = (
    "explain",
    "access",
    "object",
    "erase",
    "overrule",
    "mismatches",
    "mismatch-settled",
    "mismatch-opened",
    "unknown-addresses",
    "address-settled",
    "addresses-answered",
)
TOKENS = ("", "x", "x" * 4000, "%00", "null", "' OR 1=1 --")
FIELDS = (
    "csrf", "name", "password", "outcome", "outcome_id", "channel", "ago_ms", "area", "to", "household",
    "purpose", "logout_token", "undo", "resident", "address", "gone",
)  # fmt: skip
WORDS = (
    "", "\0", "é" * 50, "'; DROP TABLE session; --", "{{7*7}}", "<script>alert(1)</script>", "../../passwd",
    "9" * 400, "2026-13-45T99:99", "\u202e", "VISIT", "talked", "HELP_FINANCIAL", "sanne", "lotte", "audit",
    "x" * 15_000, str(uuid.UUID(int=7)), "1011", "-1", "%s%n", "null", key(3),
)  # fmt: skip


class Actor(Protocol):
    """Who does the attacker's things."""

    def act(self, chance: random.Random) -> str:
        """Do one; return what came of it."""

    def close(self) -> None:
        """Hang up."""


class Attacker(threading.Thread):
    """Does one thing after another until told to stop; `seen` counts what came of it."""

    def __init__(self, seed: int, stopped: threading.Event, actor: Actor) -> None:
        super().__init__(daemon=True, name=f"attacker-{seed}")
        self._random = random.Random(seed)
        self._stopped = stopped
        self._actor = actor
        self.seen: Counter[str] = Counter()

    def run(self) -> None:
        with closing(self._actor):
            while not self._stopped.is_set():
                try:
                    self.seen[self._actor.act(self._random)] += 1
                except httpx2.HTTPError as error:
                    self.seen[type(error).__name__] += 1


class Browser:
    """Somebody with an account, or nobody, who sends whatever a browser could be made to send."""

    def __init__(self, board: Standing, name: str | None) -> None:
        self._caller = Caller(board)
        self._name = name

    def act(self, chance: random.Random) -> str:
        """Send one request; return its status."""
        if self._name is not None and (not self._caller.csrf or chance.random() < 0.01):
            self._caller.log_in(self._name)
        choice = chance.random()
        if choice < 0.4:
            return self._get(chance)
        if choice < 0.95:
            return self._post(chance)
        return self._hang_up(chance)

    def close(self) -> None:
        """Hang up."""
        self._caller.http.close()

    def _get(self, chance: random.Random) -> str:
        headers = {"accept": chance.choice(["text/html", "application/json", "*/*", "x" * 500])}
        if chance.random() < 0.1:
            headers["cookie"] = f"session={chance.choice(['x' * 3000, '%00', '=;=;', self._name or ''])}"
        return str(self._caller.http.get(chance.choice(GETS), headers=headers).status_code)

    def _post(self, chance: random.Random) -> str:
        form = {
            name: chance.choice(WORDS) for name in chance.sample(FIELDS, chance.randint(0, len(FIELDS) - 1))
        }
        if chance.random() < 0.7:
            form["csrf"] = self._caller.csrf
        body: dict[str, object] = {"data": form}
        if chance.random() < 0.1:
            kind = chance.choice(["application/json", "multipart/form-data; boundary=x", "text/\x7f"])
            body = {"content": chance.randbytes(chance.randint(0, 9000)), "headers": {"content-type": kind}}
        return str(self._caller.http.post(chance.choice(POSTS), **body).status_code)  # type: ignore[arg-type]

    def _hang_up(self, chance: random.Random) -> str:
        """Open a stream, and go away in the middle of it."""
        with self._caller.http.stream("GET", "/changes") as answer:
            if answer.status_code == 200:
                next(answer.iter_raw(chance.randint(1, 4000)), b"")
            return f"stream {answer.status_code}"


class Commander:
    """Somebody of the desk, or nobody, whose command line sends whatever it likes."""

    def __init__(self, board: Standing, name: str | None) -> None:
        self._caller = Caller(board)
        self._name = name
        self._token = "none"

    def act(self, chance: random.Random) -> str:
        """Ask for one deed."""
        if self._name is not None and (self._token == "none" or chance.random() < 0.02):
            self._caller.log_in(self._name)
            self._token = self._caller.http.cookies.get("session") or "none"
        token = self._token if chance.random() < 0.8 else chance.choice(TOKENS)
        deed = chance.choice([*DEEDS, "", "nothing", "../why", "%00"])
        answered = self._caller.http.post(
            f"/deeds/{deed}",
            content=_body(chance),
            headers={"authorization": f"Bearer {token}", "content-type": "application/json", "cookie": ""},
        )
        return f"deed {answered.status_code}"

    def close(self) -> None:
        """Hang up."""
        self._caller.http.close()


def _body(chance: random.Random) -> bytes:
    """Return what a command would send, with any of its words another, or bytes of no kind."""
    if chance.random() < 0.2:
        return chance.choice([b"", b"[" * 9000, b"\xff" * 300, b"null", b"{" * 200, b"9" * 15_000])
    known = {"household": key(3), "who": "1011 AB 12", "purpose": "audit"}
    names = [*known, "decision", "until", "reason", "take_back", "role"]
    return json.dumps(
        {
            name: known.get(name, "raise") if chance.random() < 0.7 else chance.choice(WORDS)
            for name in chance.sample(names, chance.randint(1, 4))
        }
    ).encode()


class Guesser:
    """A stranger who guesses passwords of names that there are."""

    def __init__(self, board: Standing) -> None:
        self._http = httpx2.Client(base_url=board.url, timeout=PATIENCE_S)

    def act(self, chance: random.Random) -> str:
        """Guess once."""
        form = {"name": chance.choice(ACCOUNTS).name, "password": PASSWORD[:-1] + str(chance.random())}
        return f"guess {self._http.post('/login', data=form).status_code}"

    def close(self) -> None:
        """Hang up."""
        self._http.close()


class Writer:
    """A holder of a role that may write claims and outcomes, and writes what it likes."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = Producer({"bootstrap.servers": bootstrap, "log_level": 0})
        self._of = {CLAIMS: hostile_claims(), OUTCOMES: hostile_outcomes()}

    def act(self, chance: random.Random) -> str:
        """Write one record: hostile by design, or hurt by chance."""
        topic = chance.choice([CLAIMS, OUTCOMES])
        value = chance.choice(self._of[topic])
        if value and chance.random() < 0.5:
            value = noise(chance, value)
        self._producer.produce(topic, value, chance.choice([None, b"", key(3).encode(), b"\xff" * 300]))
        self._producer.poll(0)
        self._producer.flush(PATIENCE_S)
        return "written"

    def close(self) -> None:
        """Leave nothing under way."""
        self._producer.flush(PATIENCE_S)


def everybody(board: Standing, stopped: threading.Event, seed: int) -> list[Attacker]:
    """Return one attacker of each kind, not yet started."""
    people = [Browser(board, name) for name in (None, "sanne", "merel", "lotte", "amira", "clara", "olaf")]
    commands = [Commander(board, name) for name in (None, "amira", "clara")]
    actors: list[Actor] = [*people, *commands, Guesser(board), Writer(board.bootstrap)]
    return [Attacker(seed * 100 + number, stopped, actor) for number, actor in enumerate(actors)]
