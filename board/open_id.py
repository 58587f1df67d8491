"""OpenID Connect with any provider: authorization code, PKCE, and tokens that are checked."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from eropaf.board.back import START
from eropaf.board.code_flow import CodeFlow, LoginRefused, checked
from eropaf.board.config import OpenId
from eropaf.board.said import Said, of_claims
from eropaf.board.sealed import Sealed
from eropaf.board.store import Agreed
from eropaf.board.user import User

# How soon a refusal of the provider ends a session here; how long it may be out of reach; and how long a
# session lasts for which the provider gave nothing to ask again with.
PROVIDER_ASKED_EVERY_S = 120
UNREACHED_FOR_S = 900
UNASKED_FOR_S = 900
LOGGED_OUT = "http://schemas.openid.net/event/backchannel-logout"


class Provider:
    """One provider, found by its issuer."""

    def __init__(self, known: OpenId, address: str) -> None:
        self._known = known
        self._flow = CodeFlow(known, f"{address}/login/back")
        self._refreshes = Sealed(known.client_secret, "refresh")

    async def begin(self, back: str = START) -> tuple[str, str]:
        """Return where the person logs in, and what the browser must bring back; `back` is a page of ours.

        Raises:
            LoginRefused: the provider calls itself otherwise.
            OutOfReach: the provider does not answer.
        """
        found = await self._flow.found()
        if "offline_access" in found.get("scopes_supported", ()):
            # Something to ask again with, so that who leaves there is out here within minutes.
            return await self._flow.begin(back, "openid profile offline_access", prompt="consent")
        return await self._flow.begin(back, "openid profile")

    def way_back(self, carried: str) -> str:
        """Return where the log-in leads that a browser carries; the start where we do not know it."""
        login = self._flow.carried(carried)
        return START if login is None else login.back

    async def come_back(self, carried: str, state: str, code: str) -> tuple[User, Agreed]:
        """Return who logged in.

        Raises:
            LoginRefused: the provider did not say so, said it of another log-in, or gave no role.
            OutOfReach: the provider does not answer.
        """
        login, token = await self._flow.come_back(carried, state, code)
        said = await self._identity(token, nonce={"essential": True, "value": login.nonce})
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
        token = await self._flow.token(grant_type="refresh_token", refresh_token=refresh)
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
        claims = await checked(self._flow.issuer, self._known.client_id, logout_token, rules)
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

    async def _identity(self, token: Mapping[str, Any], **rules: dict[str, Any]) -> Said:
        if not isinstance(token.get("id_token"), str):
            raise LoginRefused("no ID token")
        rules = {"exp": {"essential": True}, **rules}
        claims = await checked(self._flow.issuer, self._known.client_id, token["id_token"], rules)
        try:
            return of_claims(claims)
        except ValueError as error:
            raise LoginRefused(str(error)) from None
