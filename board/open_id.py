"""OpenID Connect with any provider: authorization code, PKCE, and an ID token that is checked."""

from __future__ import annotations

from typing import Any

import httpx2
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.jwk import KeySet

from eropaf.board.config import OpenId
from eropaf.board.store import Login
from eropaf.board.user import Role, User

# Claims that the provider's administrator sets for the board.
ROLE = "eropaf_role"
AREAS = "eropaf_areas"
SIGNED_WITH = ["RS256", "PS256", "ES256", "EdDSA"]
TIMEOUT_S = 10.0


class LoginRefused(Exception):
    """The provider's answer is not one that lets somebody in."""


class Provider:
    """One provider, found by its issuer."""

    def __init__(self, known: OpenId, address: str) -> None:
        self._known = known
        self._redirect = f"{address}/login/back"
        self._found: dict[str, Any] | None = None

    async def address(self, login: Login) -> str:
        """Give the address at the provider where the person logs in."""
        found = await self._metadata()
        async with self._client() as client:
            url, _ = client.create_authorization_url(
                found["authorization_endpoint"],
                state=login.state,
                nonce=login.nonce,
                code_verifier=login.verifier,
            )
            return str(url)

    async def user(self, login: Login, code: str) -> User:
        """Give who logged in.

        Raises:
            LoginRefused: the provider did not say so, said it of another log-in, or gave no role.
        """
        try:
            found = await self._metadata()
            async with self._client() as client:
                token = await client.fetch_token(
                    found["token_endpoint"], code=code, code_verifier=login.verifier
                )
            keys = await _get(found["jwks_uri"])
            claims = self._checked(token["id_token"], keys, login)
        except Exception as error:  # whatever is wrong with the answer: it lets nobody in
            raise LoginRefused(type(error).__name__) from error
        return _user(claims)

    def _client(self) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self._known.client_id,
            self._known.client_secret,
            scope="openid profile",
            redirect_uri=self._redirect,
            code_challenge_method="S256",
            timeout=TIMEOUT_S,
        )

    async def _metadata(self) -> dict[str, Any]:
        if self._found is None:
            where = f"{self._known.issuer.rstrip('/')}/.well-known/openid-configuration"
            found = await _get(where)
            if found["issuer"] != self._known.issuer:
                raise LoginRefused("the provider calls itself otherwise than EROPAF_BOARD_OPENID_ISSUER")
            self._found = found
        return self._found

    def _checked(self, id_token: str, keys: Any, login: Login) -> dict[str, Any]:
        decoded = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=SIGNED_WITH)
        jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": self._known.issuer},
            aud={"essential": True, "value": self._known.client_id},
            nonce={"essential": True, "value": login.nonce},
            sub={"essential": True},
            exp={"essential": True},
        ).validate(decoded.claims)
        return dict(decoded.claims)


async def _get(address: str) -> dict[str, Any]:
    async with httpx2.AsyncClient(timeout=TIMEOUT_S) as client:
        answer = await client.get(address)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


def _user(claims: dict[str, Any]) -> User:
    if claims.get(ROLE) not in list(Role):
        raise LoginRefused(f"the provider gives no role in {ROLE}")
    areas = claims.get(AREAS) or []
    name = str(claims.get("name") or claims.get("preferred_username") or claims["sub"])
    return User(f"openid:{claims['sub']}", name[:100], Role(claims[ROLE]), frozenset(map(str, areas)))
