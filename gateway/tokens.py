"""Who shows a token: OAuth 2.0 client credentials, by the NL GOV assurance profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eropaf.gateway.config import Tokens
from eropaf.serving.issuer import Issuer, TokenRefused

# An issuer's token is some 2 KB; with a chain of certificates in it some 10.
LONGEST_TOKEN = 16_384


@dataclass(frozen=True, slots=True)
class Shown:
    """What a token says: for whom it was issued, what for, until when (s since 1970), and what binds it."""

    client: str
    scopes: frozenset[str]
    ends_at: float
    thumbprint: str | None = None


class TokenDoor:
    """Takes tokens of one issuer, made for us."""

    def __init__(self, tokens: Tokens) -> None:
        self._issuer = Issuer(tokens.issuer, tokens.ca_file)
        essential = {"essential": True}
        self._rules: dict[str, Any] = {
            "aud": {"essential": True, "value": tokens.audience},
            "exp": essential,
            "jti": essential,
        }

    async def shown(self, token: str) -> Shown:
        """Return what a token says.

        Raises:
            TokenRefused: it does not hold, or says nothing that we can use.
            OutOfReach: the issuer's keys cannot be had.
        """
        if len(token) > LONGEST_TOKEN:
            raise TokenRefused("a token that is too long")
        claims = await self._issuer.claims(token, self._rules)
        return Shown(_client(claims), _scopes(claims), float(claims["exp"]), _bound_to(claims))


def _client(claims: Mapping[str, Any]) -> str:
    """Return the party to which a token was issued: `azp` in the profile, `client_id` in RFC 9068."""
    said = [claims[name] for name in ("azp", "client_id") if name in claims]
    if not said or not all(isinstance(each, str) and each for each in said) or len(set(said)) > 1:
        raise TokenRefused("a token of no client, or of two")
    return str(said[0])


def _scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    said = claims.get("scope", "")
    if not isinstance(said, str):
        raise TokenRefused("a token whose scope is no text")
    return frozenset(said.split())


def _bound_to(claims: Mapping[str, Any]) -> str | None:
    """Return the certificate that must be shown with the token (RFC 8705); None: none."""
    bound = claims.get("cnf")
    if bound is None:
        return None
    if not isinstance(bound, dict) or set(bound) != {"x5t#S256"} or not isinstance(bound["x5t#S256"], str):
        raise TokenRefused("a token that is bound in a way that is not known here")
    return str(bound["x5t#S256"])
