"""The authorization code flow of OpenID Connect with PKCE: to a provider, and back with its tokens."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from eropaf.board.config import OpenId
from eropaf.board.sealed import Sealed
from eropaf.serving.issuer import ISSUER_WITHIN_S, Issuer, OutOfReach, TokenRefused

LOGIN_WITHIN_S = 600


class LoginRefused(Exception):
    """The provider's answer is not one that lets somebody in. Names what is wrong, and no person."""


@dataclass(frozen=True, slots=True)
class Login:
    """A log-in under way at the provider. The browser carries it, sealed."""

    state: str
    nonce: str
    verifier: str
    back: str  # where it leads


class CodeFlow:
    """The flow at one provider, found by its issuer; `back_at`: where it sends the browser afterwards."""

    def __init__(self, known: OpenId, back_at: str) -> None:
        self.issuer = Issuer(known.issuer, known.ca_file)
        self._known = known
        self._back_at = back_at
        self._logins = Sealed(known.client_secret, "log-in")

    async def begin(self, back: str, scope: str, **more: str) -> tuple[str, str]:
        """Return where the person logs in, and what the browser must bring back.

        Raises:
            LoginRefused, OutOfReach: as `found` does.
        """
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        login = Login(state, nonce, verifier, back)
        found = await self.found()
        async with self._client(scope) as client:
            url, _ = client.create_authorization_url(
                found["authorization_endpoint"],
                state=login.state,
                nonce=login.nonce,
                code_verifier=login.verifier,
                **more,
            )
        return str(url), self._logins.seal(asdict(login))

    def carried(self, text: str) -> Login | None:
        """Return the log-in that a browser carries; None where it is not ours, or too long ago."""
        kept = self._logins.opened(text, LOGIN_WITHIN_S)
        return None if kept is None else Login(**kept)

    async def come_back(self, carried: str, state: str, code: str) -> tuple[Login, dict[str, Any]]:
        """Return the log-in that ends here, and the provider's tokens, not looked at yet.

        Raises:
            LoginRefused: this browser did not begin it, or the provider refuses.
            OutOfReach: the provider does not answer.
        """
        login = self.carried(carried)
        if login is None or not secrets.compare_digest(login.state.encode(), state.encode()):
            raise LoginRefused("this browser did not begin that log-in")
        return login, await self.token(code=code, code_verifier=login.verifier)

    async def token(self, **asked: str) -> dict[str, Any]:
        """Return the provider's tokens, for a code or a refresh token.

        Raises:
            LoginRefused: it refuses.
            OutOfReach: it does not answer.
        """
        found = await self.found()
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

    async def found(self) -> dict[str, Any]:
        """Return what the provider says of itself.

        Raises:
            LoginRefused: it is another than the setting names.
            OutOfReach: it does not answer.
        """
        try:
            return await self.issuer.metadata()
        except TokenRefused as error:
            raise LoginRefused(f"{error}: {self._known.issuer}") from None

    def _client(self, scope: str = "openid profile") -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self._known.client_id,
            self._known.client_secret,
            scope=scope,
            redirect_uri=self._back_at,
            code_challenge_method="S256",
            timeout=ISSUER_WITHIN_S,
            verify=self.issuer.trusted,
        )


async def checked(
    issuer: Issuer, client_id: str, token: str, rules: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    """Return the claims of a token that `issuer` signed, for our client alone, of now.

    Raises:
        LoginRefused: it does not hold.
        OutOfReach: the issuer's keys cannot be had.
    """
    try:
        claims = await issuer.claims(token, {"aud": {"essential": True, "value": client_id}, **rules})
    except TokenRefused as error:
        raise LoginRefused(str(error)) from None
    audience = claims["aud"]
    several = isinstance(audience, list) and len(audience) > 1
    if (several or "azp" in claims) and claims.get("azp") != client_id:
        raise LoginRefused("the token was made for another party")
    return claims
