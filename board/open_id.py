"""OpenID Connect with any provider: authorization code, PKCE, and tokens that are checked."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from eropaf.board.back import START
from eropaf.board.config import OpenId
from eropaf.board.said import Said, of_claims
from eropaf.board.sealed import Sealed
from eropaf.board.store import Agreed
from eropaf.board.user import User
from eropaf.serving.issuer import ISSUER_WITHIN_S, Issuer, OutOfReach, TokenRefused

LOGIN_WITHIN_S = 600
# How soon a refusal of the provider ends a session here; how long it may be out of reach; and how long a
# session lasts for which the provider gave nothing to ask again with.
PROVIDER_ASKED_EVERY_S = 120
UNREACHED_FOR_S = 900
UNASKED_FOR_S = 900
LOGGED_OUT = "http://schemas.openid.net/event/backchannel-logout"


class LoginRefused(Exception):
    """The provider's answer is not one that lets somebody in. Names what is wrong, and no person."""


@dataclass(frozen=True, slots=True)
class Login:
    """A log-in under way at the provider. The browser carries it, sealed."""

    state: str
    nonce: str
    verifier: str
    back: str  # where it leads


class Provider:
    """One provider, found by its issuer."""

    def __init__(self, known: OpenId, address: str) -> None:
        self._known = known
        self._redirect = f"{address}/login/back"
        self._issuer = Issuer(known.issuer, known.ca_file)
        self._logins = Sealed(known.client_secret, "log-in")
        self._refreshes = Sealed(known.client_secret, "refresh")

    async def begin(self, back: str = START) -> tuple[str, str]:
        """Return where the person logs in, and what the browser must bring back; `back` is a page of ours.

        Raises:
            OutOfReach: the provider does not answer.
        """
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        login = Login(state, nonce, verifier, back)
        found = await self._found()
        more: dict[str, str] = {}
        scope = "openid profile"
        if "offline_access" in found.get("scopes_supported", ()):
            # Something to ask again with, so that who leaves there is out here within minutes.
            scope, more = f"{scope} offline_access", {"prompt": "consent"}
        async with self._client(scope) as client:
            url, _ = client.create_authorization_url(
                found["authorization_endpoint"],
                state=login.state,
                nonce=login.nonce,
                code_verifier=login.verifier,
                **more,
            )
        return str(url), self._logins.seal(asdict(login))

    def way_back(self, carried: str) -> str:
        """Return where the log-in leads that a browser carries; the start where we do not know it."""
        kept = self._logins.opened(carried, LOGIN_WITHIN_S)
        return START if kept is None else str(kept.get("back", START))

    async def come_back(self, carried: str, state: str, code: str) -> tuple[User, Agreed]:
        """Return who logged in.

        Raises:
            LoginRefused: the provider did not say so, said it of another log-in, or gave no role.
            OutOfReach: the provider does not answer.
        """
        kept = self._logins.opened(carried, LOGIN_WITHIN_S)
        if kept is None or not secrets.compare_digest(kept["state"].encode(), state.encode()):
            raise LoginRefused("this browser did not begin that log-in")
        found = await self._found()
        token = await self._token(found, code=code, code_verifier=kept["verifier"])
        said = await self._identity(token, nonce={"essential": True, "value": kept["nonce"]})
        return said.user, self._agreed(said.session, token.get("refresh_token"))

    async def again(self, user: User, agreed: Agreed) -> tuple[User, Agreed]:
        """Ask the provider whether `user` is still let in; return as whom.

        Raises:
            LoginRefused: no, or there is nothing to ask with.
            OutOfReach: the provider does not answer.
        """
        refresh = self._refreshes.opened(agreed.refresh) if agreed.refresh else None
        if refresh is None:
            raise LoginRefused("nothing to ask the provider with")
        found = await self._found()
        token = await self._token(found, grant_type="refresh_token", refresh_token=refresh)
        kept = self._agreed(agreed.session, token.get("refresh_token") or refresh)
        if "id_token" not in token:  # a provider may leave it out; then nothing changed
            return user, kept
        said = await self._identity(token)
        if said.user.id != user.id:
            raise LoginRefused("the provider answered for somebody else")
        return said.user, kept

    async def logged_out(self, logout_token: str) -> tuple[str | None, str | None]:
        """Return whose sessions end, as user id and as the provider's name of one session.

        Raises:
            LoginRefused: not a logout token of the provider, for us, of now.
            OutOfReach: the provider does not answer.
        """
        rules: dict[str, Any] = {"iat": {"essential": True}, "jti": {"essential": True}}
        claims = await self._checked(logout_token, rules)
        events = claims.get("events")
        if not isinstance(events, Mapping) or LOGGED_OUT not in events or "nonce" in claims:
            raise LoginRefused("not a logout token")
        sub, session = claims.get("sub"), claims.get("sid")
        if not all(each is None or isinstance(each, str) for each in (sub, session)) or not (sub or session):
            raise LoginRefused("a logout token of nobody")
        return (f"openid:{sub}" if sub else None), session

    def _agreed(self, session: str | None, refresh: str | None) -> Agreed:
        now = time.time()
        sealed = self._refreshes.seal(refresh) if refresh else None
        return Agreed(session, sealed, now, now + (PROVIDER_ASKED_EVERY_S if sealed else UNASKED_FOR_S))

    def _client(self, scope: str = "openid profile") -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self._known.client_id,
            self._known.client_secret,
            scope=scope,
            redirect_uri=self._redirect,
            code_challenge_method="S256",
            timeout=ISSUER_WITHIN_S,
            verify=self._issuer.trusted,
        )

    async def _token(self, found: Mapping[str, Any], **asked: str) -> dict[str, Any]:
        try:
            async with self._client() as client:
                if "refresh_token" in asked:
                    answer = await client.refresh_token(found["token_endpoint"], asked["refresh_token"])
                else:
                    answer = await client.fetch_token(found["token_endpoint"], **asked)
        except OAuthError as error:
            raise LoginRefused(f"the provider refused ({type(error).__name__})") from None
        except Exception as error:  # whichever way it failed to answer
            raise OutOfReach(type(error).__name__) from None
        return dict(answer)

    async def _identity(self, token: Mapping[str, Any], **rules: dict[str, Any]) -> Said:
        if not isinstance(token.get("id_token"), str):
            raise LoginRefused("no ID token")
        claims = await self._checked(token["id_token"], {"exp": {"essential": True}, **rules})
        audience = claims["aud"]
        several = isinstance(audience, list) and len(audience) > 1
        if (several or "azp" in claims) and claims.get("azp") != self._known.client_id:
            raise LoginRefused("the ID token was made for another party")
        try:
            return of_claims(claims)
        except ValueError as error:
            raise LoginRefused(str(error)) from None

    async def _checked(self, token: str, rules: dict[str, Any]) -> dict[str, Any]:
        """Return the claims of a token that the provider signed, for us, of now."""
        audience = {"essential": True, "value": self._known.client_id}
        try:
            return await self._issuer.claims(token, {"aud": audience, **rules})
        except TokenRefused as error:
            raise LoginRefused(str(error)) from None

    async def _found(self) -> dict[str, Any]:
        """Return what the provider says of itself."""
        try:
            return await self._issuer.metadata()
        except TokenRefused as error:
            raise LoginRefused(f"{error}: EROPAF_BOARD_OPENID_ISSUER") from None
