"""The board and an OpenID provider: who is let in, for how long, and what ends it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import trustme
from joserfc.jwk import ECKey

from eropaf.board.code_flow import LoginRefused
from eropaf.board.config import OpenId
from eropaf.board.open_id import LOGGED_OUT, Provider
from eropaf.board.sessions import Sessions
from eropaf.board.store import Session, Store
from eropaf.board.user import Role
from eropaf.serving.issuer import OutOfReach
from tests.unit.board.a_provider import OURS, Standing, served


@pytest.fixture
def there() -> Iterator[Standing]:
    with served() as standing:
        yield standing


def ours(there: Standing, ca_file: Path | None = None) -> Provider:
    known = OpenId(there.url, OURS, "the secret of the tests", ca_file)
    return Provider(known, "https://board.example.org")


async def log_in(provider: Provider, **changed: str) -> tuple[Any, Any]:
    where, carried = await provider.begin()
    asked = parse_qs(urlsplit(where).query)
    answer = {"state": asked["state"][0], "code": asked["nonce"][0], **changed}
    return await provider.come_back(changed.get("carried", carried), answer["state"], answer["code"])


def run(tried: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(tried())


def test_who_the_provider_names_is_let_in_as_it_says(there: Standing) -> None:
    async def tried() -> None:
        user, agreed = await log_in(ours(there))
        assert (user.id, user.role, user.areas) == ("openid:vera", Role.LEAD, frozenset({"1011"}))
        assert agreed.refresh is not None
        assert "first" not in agreed.refresh, "a refresh token is kept sealed"

    run(tried)


def test_a_provider_is_trusted_only_where_the_authority_in_the_setting_signed_it(
    tmp_path: Path,
) -> None:
    signs, another = trustme.CA(), trustme.CA()
    signs.cert_pem.write_to_path(tmp_path / "ours.pem")

    async def tried(there: Standing) -> None:
        user, agreed = await log_in(ours(there, tmp_path / "ours.pem"))
        assert user.id == "openid:vera"
        await ours(there, tmp_path / "ours.pem").again(user, agreed)
        with pytest.raises(OutOfReach):
            await log_in(ours(there))

    async def not_ours(there: Standing) -> None:
        with pytest.raises(OutOfReach):
            await log_in(ours(there, tmp_path / "ours.pem"))

    with served(signs) as there:
        asyncio.run(tried(there))
    with served(another) as there:
        asyncio.run(not_ours(there))


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"aud": [OURS, "another"]},
        {"azp": "another"},
        {"exp": int(time.time()) - 120},
        {"exp": None},
        {"iat": int(time.time()) + 3600},
        {"sub": None},
        {"nonce": "of another log-in"},
        {"eropaf_role": None},
        {"eropaf_areas": [""]},
        {"eropaf_areas": 1011},
    ],
    ids=lambda wrong: "-".join(wrong),
)
def test_a_token_that_is_not_for_us_now_and_whole_lets_nobody_in(
    there: Standing, wrong: dict[str, Any]
) -> None:
    async def tried() -> None:
        sign = there.signed
        there.signed = lambda **claims: sign(**{**claims, **wrong})  # type: ignore[method-assign]
        with pytest.raises(LoginRefused):
            await log_in(ours(there))

    run(tried)


def test_clocks_that_differ_a_little_and_keys_that_we_do_not_know_keep_nobody_out(there: Standing) -> None:
    async def tried() -> None:
        there.claims = {"iat": int(time.time()) + 5, "nbf": int(time.time()) + 5, "exp": int(time.time()) - 5}
        odd = {**ECKey.generate_key("P-256", {"kid": "odd"}, private=False).as_dict(private=False)}
        there.more_keys = [{**odd, "crv": "P-999"}, {"kty": "QUANTUM", "kid": "q"}]
        user, _ = await log_in(ours(there))
        assert user.id == "openid:vera"

    run(tried)


def test_a_provider_may_change_its_key(there: Standing) -> None:
    async def tried() -> None:
        provider = ours(there)
        await log_in(provider)
        there.key = ECKey.generate_key("P-256", {"kid": "2"})
        keys = provider._flow.issuer._keys
        keys._asked_at = keys._kept_at = time.monotonic() - 5
        user, _ = await log_in(provider)
        assert user.id == "openid:vera"

    run(tried)


def test_an_answer_belongs_to_the_browser_that_began(there: Standing) -> None:
    async def tried() -> None:
        provider = ours(there)
        _, of_another = await provider.begin()
        for changed in ({"carried": of_another}, {"carried": "forged"}, {"carried": ""}, {"state": "é"}):
            with pytest.raises(LoginRefused):
                await log_in(provider, **changed)
        assert there.asked == [], "the provider was not even asked"

    run(tried)


@asynccontextmanager
async def logged_in(there: Standing, folder: Path) -> AsyncIterator[tuple[Store, Sessions, Session]]:
    """Yield a session that the provider is to be asked about now."""
    store, provider = Store(f"sqlite+aiosqlite:///{folder}/board.db"), ours(there)
    await store.open()
    user, agreed = await log_in(provider)
    session = await store.begin_session(user, replace(agreed, ask_at=time.time() - 1))
    yield store, Sessions(store, provider, lambda: None), session
    await store.close()


def test_a_refusal_of_the_provider_ends_the_session(there: Standing, tmp_path: Path) -> None:
    async def tried() -> None:
        async with logged_in(there, tmp_path) as (store, sessions, session):
            there.refuses = True
            assert await sessions.of(session.token) is None
            assert await store.sessions() == []

    run(tried)


def test_the_provider_is_asked_once_and_its_new_token_kept(there: Standing, tmp_path: Path) -> None:
    async def tried() -> None:
        async with logged_in(there, tmp_path) as (_, sessions, session):
            there.refresh = "second"
            at_once = await asyncio.gather(*(sessions.of(session.token) for _ in range(20)))
            assert all(each is not None for each in at_once)
            asked = [each["refresh_token"] for each in there.asked if "refresh_token" in each]
            assert asked == ["first"], "a token that is used twice would end everything"
            found = await sessions.of(session.token)
            assert found is not None
            assert found.agreed is not None
            assert found.agreed.ask_at > time.time() + 60

    run(tried)


def test_a_page_that_closes_while_the_provider_is_asked_does_not_lose_its_new_token(
    there: Standing, tmp_path: Path
) -> None:
    async def tried() -> None:
        async with logged_in(there, tmp_path) as (store, sessions, session):
            there.refresh = "second"
            there.answers.clear()
            stream = asyncio.create_task(sessions.of(session.token, used=False))
            while there.got[-1] != "/token" or len(there.got) < 4:  # it is under way there
                await asyncio.sleep(0.01)
            stream.cancel()
            await asyncio.gather(stream, return_exceptions=True)
            there.answers.set()
            await asyncio.gather(*sessions._under_way)

            found = await store.session(session.token)
            assert found is not None
            assert found.agreed is not None
            assert session.agreed is not None
            assert found.agreed.refresh != session.agreed.refresh
            assert found.agreed.ask_at > time.time() + 60

    run(tried)


def test_a_change_of_role_there_shows_here(there: Standing, tmp_path: Path) -> None:
    async def tried() -> None:
        async with logged_in(there, tmp_path) as (_, sessions, session):
            watch = sessions.watch(session)
            there.claims = {"eropaf_role": "outreach", "eropaf_areas": None}
            found = await sessions.of(session.token)
            assert found is not None
            assert (found.user.role, found.user.areas) == (Role.OUTREACH, frozenset())
            sessions.tell()
            assert not await watch.holds(), "an open stream begins anew as who they are now"

    run(tried)


def test_a_role_that_is_taken_away_there_ends_the_session(there: Standing, tmp_path: Path) -> None:
    async def tried() -> None:
        async with logged_in(there, tmp_path) as (_, sessions, session):
            there.claims = {"eropaf_role": None}
            assert await sessions.of(session.token) is None

    run(tried)


def test_a_provider_that_is_away_is_waited_for_a_while_and_not_for_ever(
    there: Standing, tmp_path: Path
) -> None:
    async def tried() -> None:
        async with logged_in(there, tmp_path) as (store, sessions, session):
            there.away = True
            assert await sessions.of(session.token) is not None
            assert session.agreed is not None
            long_ago = replace(session.agreed, agreed_at=time.time() - 1000, ask_at=time.time() - 1)
            await store.agree(session, session.user, long_ago)
            assert await sessions.of(session.token) is None

    run(tried)


def test_without_anything_to_ask_with_a_session_is_short(there: Standing, tmp_path: Path) -> None:
    async def tried() -> None:
        there.refresh = None
        async with logged_in(there, tmp_path) as (_, sessions, session):
            assert session.agreed is not None
            assert session.agreed.refresh is None
            assert await sessions.of(session.token) is None

    run(tried)


def logout_token(there: Standing, **claims: Any) -> str:
    known: dict[str, Any] = {"events": {LOGGED_OUT: {}}, "jti": "1", "sid": "s-1", "eropaf_role": None}
    return there.signed(**{**known, **claims})


def test_the_provider_can_end_a_session_at_once(there: Standing) -> None:
    async def tried() -> None:
        assert await ours(there).logged_out(logout_token(there)) == ("openid:vera", "s-1")
        assert await ours(there).logged_out(logout_token(there, sub=None)) == (None, "s-1")

    run(tried)


@pytest.mark.parametrize(
    "wrong",
    [
        {"events": None},
        {"events": {}},
        {"events": LOGGED_OUT},
        {"nonce": "n"},
        {"aud": "another"},
        {"iss": "https://evil.example"},
        {"jti": None},
        {"iat": None},
        {"exp": int(time.time()) - 120},
        {"sub": None, "sid": None},
        {"sub": 7},
        {"sid": ["s"]},
    ],
    ids=lambda wrong: "-".join(wrong),
)
def test_a_logout_token_that_is_none_ends_nothing(there: Standing, wrong: dict[str, Any]) -> None:
    async def tried() -> None:
        with pytest.raises(LoginRefused):
            await ours(there).logged_out(logout_token(there, **wrong))
        for garbage in ("", "a.b.c", "é", "x" * 5000):
            with pytest.raises(LoginRefused):
                await ours(there).logged_out(garbage)

    run(tried)


def test_another_signature_counts_for_nothing(there: Standing) -> None:
    async def tried() -> None:
        token = logout_token(there)
        there.key = ECKey.generate_key("P-256", {"kid": "1"})
        with pytest.raises(LoginRefused):
            await ours(there).logged_out(token)
        there.away = True
        with pytest.raises(OutOfReach):
            await ours(there).logged_out(token)

    run(tried)
