"""What lets a resident in at the desk, once, for how long, and what is then done; without a broker."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from eropaf.board.config import Identity
from eropaf.board.explaining import NotOpened
from eropaf.board.resident import codes, desk
from eropaf.board.resident.store import CODE_DAYS, DAY_S, SESSION_S, ResidentStore
from eropaf.board.store import Store
from eropaf.board.tables import RESIDENT_CODES, RESIDENT_SESSIONS
from tests.unit.board.a_provider import OURS, Standing, served
from tests.unit.board.a_resident_desk import SECRET, Deeds, Desk, tried

BSN, OTHER_BSN = "123456782", "111222333"
NONCE = "of this log-in"
WRONG = "0" * 20
TABLES = (RESIDENT_CODES, RESIDENT_SESSIONS)


class Because(Exception):
    """Why a deed opens nothing, as a command's error has it."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code


def nothing(code: str) -> Callable[[str], Mapping[str, Any]]:
    """Return a deed that opens nothing, for a reason."""

    def act(deed: str) -> Mapping[str, Any]:
        raise NotOpened("nothing") from Because(code)

    return act


@pytest.fixture(scope="module")
def broker() -> Iterator[Standing]:
    with served() as standing:
        yield standing


def known(broker: Standing) -> Identity:
    return Identity(broker.url, OURS, "bsn", ("substantial",))


def logged_in(broker: Standing, **claims: Any) -> str:
    return broker.signed(**{"nonce": NONCE, "acr": "substantial", "bsn": BSN, **claims})


def test_a_code_opens_its_household_once_however_it_is_typed(tmp_path: Path) -> None:
    async def then(here: Desk) -> Any:
        code, _ = await here.store.draw("1011 AB 12")
        typed = f" {codes.written(code).lower().replace('1', 'l').replace('0', 'o')} "
        token = (await here.ask("begin", code=typed)).json()["token"]
        return (await here.ask("show", token=token)).json(), await here.begun(code), here.deeds.done

    shown, again, done = tried(tmp_path, then)

    assert shown["ready"]
    assert shown["document"] == {"household": "h"}
    assert again == 401
    assert done == [("resident (code)", "access", "1011 AB 12")]


def test_drawing_a_code_deletes_what_has_ended(tmp_path: Path) -> None:
    now = [1_000_000.0]

    async def within() -> list[int]:
        database = Store(f"sqlite+aiosqlite:///{tmp_path}/desk.db")
        await database.open()
        store = ResidentStore(database.engine, lambda: now[0])
        code, ends_at = await store.draw("1011 AB 12")
        assert await store.begin_by_code(code)
        await store.draw("1011 AB 12")
        now[0] = ends_at
        await store.draw("1011 AB 12")
        async with database.engine.connect() as connection:
            kept = [len((await connection.execute(select(each))).all()) for each in TABLES]
        await database.close()
        return kept

    assert asyncio.run(within()) == [1, 0]


def test_of_a_code_that_is_used_twice_at_once_one_begins(tmp_path: Path) -> None:
    async def then(here: Desk) -> list[int]:
        code, _ = await here.store.draw("1011 AB 12")
        return sorted(await asyncio.gather(*(here.begun(code) for _ in range(4))))

    assert tried(tmp_path, then) == [200, 401, 401, 401]


def test_wrong_codes_are_limited_and_lock_no_right_one_out(tmp_path: Path) -> None:
    """From the very network that guesses, too."""

    async def then(here: Desk) -> Any:
        guesses = [await here.begun(f"{number:020}") for number in range(12)]
        elsewhere = await here.begun(WRONG, "198.51.100.1")
        code, _ = await here.store.draw("1011 AB 12")
        return guesses, elsewhere, await here.begun(code)

    guesses, elsewhere, right = tried(tmp_path, then)

    assert guesses == [401] * 10 + [429] * 2
    assert elsewhere == 401
    assert right == 200


def test_the_rest_of_a_code_whose_beginning_is_known_is_not_to_be_guessed(tmp_path: Path) -> None:
    async def then(here: Desk) -> Any:
        code, _ = await here.store.draw("1011 AB 12")
        begins = code[: codes.FOUND_BY]
        return [await here.begun(f"{begins}{number:012}", f"192.0.2.{number}") for number in range(7)]

    assert tried(tmp_path, then) == [401] * 5 + [429] * 2


@pytest.mark.parametrize("typed", ["", "x", "U" * 20, "0" * 19, "0" * 21, "é" * 20, "0" * 5000])
def test_what_is_no_code_opens_nothing(tmp_path: Path, typed: str) -> None:
    assert tried(tmp_path, lambda here: here.begun(typed)) == 401


def test_codes_and_sessions_end(tmp_path: Path) -> None:
    now = [1_000_000.0]

    async def within() -> None:
        database = Store(f"sqlite+aiosqlite:///{tmp_path}/desk.db")
        await database.open()
        store = ResidentStore(database.engine, lambda: now[0])
        early, _ = await store.draw("1011 AB 12")
        late, ends_at = await store.draw("1011 AB 12")
        now[0] = ends_at - 1
        token = await store.begin_by_code(early)
        assert token is not None
        now[0] = ends_at
        assert await store.begin_by_code(late) is None
        assert not await store.knows(late)
        assert await store.session(token) is not None
        now[0] = ends_at - 1 + SESSION_S
        assert await store.session(token) is None
        await database.close()

    asyncio.run(within())
    assert (
        CODE_DAYS * DAY_S > SESSION_S > desk.LOGIN_WITHIN_S + desk.LEEWAY_S
    )  # else an ID token counts twice


def test_the_desks_database_says_of_nobody_that_they_look(tmp_path: Path) -> None:
    async def then(here: Desk) -> tuple[str, str]:
        code, _ = await here.store.draw("1011 AB 12")
        return code, await here.session(BSN)

    code, token = tried(tmp_path, then)

    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert code[: codes.FOUND_BY].encode() in kept
    for never in (code, code[codes.FOUND_BY :], token, "1011 AB 12", BSN):
        assert never.encode() not in kept


def test_an_id_token_of_the_broker_begins_one_session(tmp_path: Path, broker: Standing) -> None:
    async def then(here: Desk) -> Any:
        token = logged_in(broker)
        first = await here.ask("begin", id_token=token, nonce=NONCE)
        again = await here.ask("begin", id_token=token, nonce=NONCE)
        session = first.json()["token"]
        await here.ask("show", token=session)
        await here.ask("leave", token=session)
        left = await here.ask("begin", id_token=token, nonce=NONCE)
        return first.status_code, again.status_code, left.status_code, here.deeds.done

    assert tried(tmp_path, then, identity=known(broker)) == (
        200, 401, 401, [("resident (log-in)", "access", BSN)],
    )  # fmt: skip


def test_a_log_in_counts_once_however_its_token_is_signed(tmp_path: Path, broker: Standing) -> None:
    tokens = [logged_in(broker) for _ in range(2)]

    async def then(here: Desk) -> list[int]:
        return [(await here.ask("begin", id_token=each, nonce=NONCE)).status_code for each in tokens]

    assert tokens[0] != tokens[1]
    assert tried(tmp_path, then, identity=known(broker)) == [200, 401]


def test_who_logs_in_again_and_again_is_stopped_and_nobody_else_is(tmp_path: Path, broker: Standing) -> None:
    async def then(here: Desk) -> list[int]:
        proofs = [(BSN, number) for number in range(6)] + [(OTHER_BSN, 6)]
        return [
            (
                await here.ask(
                    "begin", id_token=logged_in(broker, bsn=bsn, nonce=f"{number}"), nonce=f"{number}"
                )
            ).status_code
            for bsn, number in proofs
        ]

    assert tried(tmp_path, then, identity=known(broker)) == [200] * 5 + [429, 200]


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": [OURS, "another"]},
        {"iss": "https://elsewhere.example.org"},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"iat": int(time.time()) - desk.LOGIN_WITHIN_S - desk.LEEWAY_S - 60, "exp": int(time.time()) + 9000},
        {"acr": "low"},
        {"acr": None},
        {"acr": ["substantial"]},
        {"bsn": None},
        {"bsn": int(BSN)},
        {"bsn": "1011 AB 12"},
        {"bsn": "0" * 32},
        {"bsn": "١٢٣٤٥٦٧٨٢"},
    ],
)
def test_an_id_token_that_is_not_of_this_log_in_begins_nothing(
    tmp_path: Path, broker: Standing, claims: dict[str, Any]
) -> None:
    async def then(here: Desk) -> int:
        return (await here.ask("begin", id_token=logged_in(broker, **claims), nonce=NONCE)).status_code

    assert tried(tmp_path, then, identity=known(broker)) == 401


@pytest.mark.parametrize("said", [{}, {"id_token": "x"}, {"id_token": "x", "nonce": "x"}, {"nonce": "x"}])
def test_without_a_proof_nothing_begins(tmp_path: Path, broker: Standing, said: dict[str, str]) -> None:
    async def then(here: Desk) -> int:
        return (await here.ask("begin", **said)).status_code

    assert tried(tmp_path, then) == 401
    assert tried(tmp_path, then, identity=known(broker)) == 401


@pytest.mark.parametrize("secret", ["", "x", SECRET[:-1], f"{SECRET}x", "\u00e9" * 40])
def test_only_the_page_may_ask(tmp_path: Path, secret: str) -> None:
    async def then(here: Desk) -> list[int]:
        code, _ = await here.store.draw("1011 AB 12")
        token = await here.session()
        headers = {"authorization": f"Bearer {secret}".encode()}
        asked = [("begin", {"code": code}), *((name, {"token": token}) for name in ("show", "act", "leave"))]
        http = here._http
        return [
            (await http.post(f"/residents/{name}", json=said, headers=headers)).status_code  # type: ignore[arg-type]
            for name, said in asked
        ]

    assert tried(tmp_path, then) == [403] * 4


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"token": 1}', b"[" * 10_000])
def test_what_is_not_asked_here_is_refused(tmp_path: Path, body: bytes) -> None:
    async def then(here: Desk) -> list[int]:
        headers = {"authorization": f"Bearer {SECRET}"}
        return [
            (await here._http.post(f"/residents/{name}", content=body, headers=headers)).status_code
            for name in ("begin", "show", "act", "leave")
        ]

    assert tried(tmp_path, then) == [400] * 4


@pytest.mark.parametrize(("code", "status"), [("unknown-household", 200), ("x", 503)])
def test_that_nothing_is_known_is_an_answer(tmp_path: Path, code: str, status: int) -> None:
    async def then(here: Desk) -> Any:
        answered = await here.ask("show", token=await here.session())
        return answered.status_code, answered.json().get("letter", "none")

    assert tried(tmp_path, then, Deeds(nothing(code))) == (status, None if status == 200 else "none")


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        *((code, (200, {"done": False})) for code in ("unknown-household", "nothing-kept")),
        ("x", (503, {"error": "not now"})),
    ],
)
def test_that_there_is_nothing_to_do_a_deed_to_is_an_answer(tmp_path: Path, code: str, answer: Any) -> None:
    async def then(here: Desk) -> Any:
        answered = await here.ask("act", token=await here.session(), deed="erasure-asked")
        return answered.status_code, answered.json()

    assert tried(tmp_path, then, Deeds(nothing(code))) == answer


def test_an_objection_and_a_wish_to_be_erased_are_the_desks_own_deeds(tmp_path: Path) -> None:
    async def then(here: Desk) -> Any:
        token = await here.session("1011 AB 12")
        said = [
            (await here.ask("act", token=token, deed=deed)).status_code
            for deed in ("object", "erasure-asked")
        ]
        shown = (await here.ask("show", token=token)).json()
        return said, shown["done"], here.deeds.done[:2]

    said, done, asked = tried(tmp_path, then)

    assert said == [200, 200]
    assert done == ["object", "erasure-asked"]
    assert asked == [
        ("resident (code)", "object", "1011 AB 12"),
        ("resident (code)", "erasure-asked", "1011 AB 12"),
    ]


@pytest.mark.parametrize("deed", ["", "erase", "access", "overrule", "explain", "code"])
def test_no_other_deed_is_a_residents(tmp_path: Path, deed: str) -> None:
    async def then(here: Desk) -> Any:
        answered = await here.ask("act", token=await here.session(), deed=deed)
        return answered.status_code, here.deeds.done

    assert tried(tmp_path, then) == (400, [])


def test_after_leaving_a_session_is_worth_nothing(tmp_path: Path) -> None:
    async def then(here: Desk) -> Any:
        token = await here.session()
        await here.ask("leave", token=token)
        again = [
            (await here.ask(name, token=token, deed="object")).status_code
            for name in ("show", "act", "leave")
        ]
        return again, here.deeds.done

    assert tried(tmp_path, then) == ([401] * 3, [])


def test_what_goes_wrong_is_told_without_what_was_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def act(deed: str) -> Mapping[str, Any]:
        raise RuntimeError("of 1011 AB 12")

    async def then(here: Desk) -> Any:
        answered = await here.ask("act", token=await here.session(), deed="object")
        return answered.status_code, answered.text

    status, text = tried(tmp_path, then, Deeds(act))
    said = "".join(capsys.readouterr())

    assert status == 503
    assert "1011" not in text + said
    assert "RuntimeError" in said
