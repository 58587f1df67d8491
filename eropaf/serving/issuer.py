"""Who issues tokens, found by its address: its metadata, its keys, and whether a token holds."""

from __future__ import annotations

import asyncio
import json
import math
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import JWKRegistry, KeySet

from eropaf.serving.bounded import AS_IT_IS, whole
from eropaf.serving.shared_answer import ASKS_EVERY_S, SharedAnswer

SIGNED_WITH = ["RS256", "PS256", "ES256", "EdDSA"]
ISSUER_WITHIN_S = 10.0
# Metadata and keys are some kilobytes.
LARGEST_ISSUER_BYTES = 1_048_576
# Two clocks that are both well kept.
LEEWAY_S = 60
KEYS_FOR_S = 60


class TokenRefused(Exception):
    """A token that does not hold. Names what is wrong, and no person."""


class OutOfReach(Exception):
    """The issuer did not answer."""


class Issuer:
    """One issuer of tokens (OpenID Connect discovery); `ca_file`: the authorities that may sign it."""

    def __init__(self, address: str, ca_file: Path | None = None) -> None:
        self.address = address
        self.trusted = ssl.create_default_context(cafile=ca_file)
        self._metadata = SharedAnswer(self._ask_metadata)
        self._keys = SharedAnswer(self._ask_keys)

    async def metadata(self) -> dict[str, Any]:
        """Return what the issuer says of itself.

        Raises:
            OutOfReach: it does not answer.
            TokenRefused: it calls itself otherwise.
        """
        return await self._metadata.not_older(math.inf)

    async def claims(self, token: str, rules: Mapping[str, Any]) -> dict[str, Any]:
        """Return the claims of a token that the issuer signed, by `rules`.

        Raises:
            OutOfReach: its keys cannot be had.
            TokenRefused: the token does not hold.
        """
        # The keys that are at hand first: what names none of them asks the issuer, which is not for anybody
        # to make happen often.
        for at_most_s in (KEYS_FOR_S, ASKS_EVERY_S):
            keys = await self._keys.not_older(at_most_s)
            try:
                decoded = jwt.decode(token, keys, algorithms=SIGNED_WITH)
                registry = jwt.JWTClaimsRegistry(
                    leeway=LEEWAY_S, iss={"essential": True, "value": self.address}, **rules
                )
                registry.validate(decoded.claims)
                return dict(decoded.claims)
            except InvalidKeyIdError:
                if at_most_s == ASKS_EVERY_S:
                    raise TokenRefused("signed with a key that the issuer does not show") from None
            except (JoseError, ValueError, TypeError, KeyError) as error:
                raise TokenRefused(f"a token that does not hold ({type(error).__name__})") from None
        raise AssertionError  # the second time it returns or raises

    async def _ask_metadata(self) -> dict[str, Any]:
        found = await self._get(f"{self.address.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.address:
            raise TokenRefused("the issuer calls itself otherwise than the setting")
        return found

    async def _ask_keys(self) -> KeySet:
        found = (await self.metadata()).get("jwks_uri")
        if not isinstance(found, str):
            raise OutOfReach("its metadata has no jwks_uri")
        return usable_keys(await self._get(found))

    async def _get(self, address: str) -> dict[str, Any]:
        try:
            async with (
                asyncio.timeout(ISSUER_WITHIN_S),
                httpx2.AsyncClient(timeout=None, verify=self.trusted) as client,
                client.stream("GET", address, headers=AS_IT_IS) as answer,
            ):
                answer.raise_for_status()
                found: Any = json.loads(await whole(answer, LARGEST_ISSUER_BYTES))
        except Exception as error:  # whichever way it failed to answer
            raise OutOfReach(type(error).__name__) from None
        if not isinstance(found, dict):
            raise OutOfReach("an answer that is no JSON object")
        return found


def usable_keys(found: Mapping[str, Any]) -> KeySet:
    """Return the keys of a key set that can be used; of a kind that we do not know there may be more."""
    keys = []
    for each in found.get("keys", ()):
        try:
            key = JWKRegistry.import_key(each)
            if key.key_type != "oct":  # a secret that is shown to everybody signs for nobody
                keys.append(key)
        except Exception:  # noqa: S112  # whatever it trips over: an unknown curve, type, or no key at all
            continue
    return KeySet(keys)
