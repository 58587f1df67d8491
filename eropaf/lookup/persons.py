"""The register of persons by its API (Haal Centraal BRP Personen 2.x), asked for twenty numbers at once."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

from eropaf.gateway.webhooks.post import retry_after
from eropaf.lookup.whereabouts import FIELDS
from eropaf.serving.bounded import BoundedClient

# By the API's own description (RaadpleegMetBurgerservicenummer).
MOST_NUMBERS = 20
REGISTER_ANSWERS_WITHIN_S = 30.0
# Twenty addresses are a few kilobytes.
LARGEST_PERSONS_BYTES = 1_048_576
# A token is renewed before it ends.
RENEWED_BEFORE_S = 30.0
JSON = "application/json; charset=utf-8"

Persons = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class PersonsAccess:
    """Where the API is, who we are there, and the headers that its gateway asks for.

    Who we are is said by a key, by a token (OAuth 2, client credentials) or by a certificate, or by several.
    """

    address: str
    api_key: str | None = field(default=None, repr=False)
    token_address: str | None = None
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    scope: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    certificate_file: Path | None = None
    key_file: Path | None = None
    ca_file: Path | None = None


class Away(Exception):
    """No answer that can be used; ask again, `after_s` later at the earliest. Says no number."""

    def __init__(self, why: str, after_s: float = 0.0) -> None:
        super().__init__(why)
        self.after_s = after_s


class _Token(NamedTuple):
    value: str
    ends_at_s: float


class PersonsApi:
    """One API. Used by one thread. `now` is any clock that does not go back."""

    def __init__(self, access: PersonsAccess, now: Callable[[], float] = time.monotonic) -> None:
        self._access, self._now = access, now
        self._address = f"{access.address.rstrip('/')}/personen"
        self._token: _Token | None = None
        trusted = ssl.create_default_context(cafile=access.ca_file)
        if access.certificate_file is not None:
            trusted.load_cert_chain(access.certificate_file, access.key_file)
        self._client = BoundedClient(trusted, REGISTER_ANSWERS_WITHIN_S, LARGEST_PERSONS_BYTES)

    def ask(self, numbers: Sequence[str]) -> Persons:
        """Return what the register has of each number; of one that is not there nothing.

        Raises:
            Away: it does not say.

        """
        question = {
            "type": "RaadpleegMetBurgerservicenummer",
            "burgerservicenummer": list(numbers),
            "fields": list(FIELDS),
        }
        said = self._posted(self._address, self._headers(), json.dumps(question).encode())
        try:
            # A number that we did not ask for is none of our business, whatever is said of it.
            wanted = set(numbers)
            found = {each["burgerservicenummer"]: each for each in said["personen"]}
            return {number: each for number, each in found.items() if number in wanted}
        except (KeyError, TypeError, AttributeError) as error:
            raise Away(f"not-as-described: {type(error).__name__}") from None

    def close(self) -> None:
        """Close its connection."""
        self._client.close()

    def _headers(self) -> dict[str, str]:
        headers = {**self._access.headers, "Content-Type": JSON, "Accept": "application/json"}
        if self._access.api_key is not None:
            headers["X-API-KEY"] = self._access.api_key
        if self._access.token_address is not None:
            headers["Authorization"] = f"Bearer {self._bearer(self._access.token_address)}"
        return headers

    def _bearer(self, address: str) -> str:
        """Return a token that still holds, and draw one where there is none (RFC 6749 section 4.4)."""
        if self._token is None or self._token.ends_at_s <= self._now():
            client = (self._access.client_id or "", self._access.client_secret or "")
            form = {"grant_type": "client_credentials"}
            if self._access.scope is not None:
                form["scope"] = self._access.scope
            drawn = self._posted(address, {"Accept": "application/json"}, form, auth=client)
            try:
                ends_in_s = float(drawn.get("expires_in", 0.0)) - RENEWED_BEFORE_S
                self._token = _Token(str(drawn["access_token"]), self._now() + ends_in_s)
            except (KeyError, TypeError, ValueError, AttributeError):
                raise Away("no-token") from None
        return self._token.value

    def _posted(
        self,
        address: str,
        headers: Mapping[str, str],
        body: bytes | dict[str, str],
        auth: tuple[str, str] | None = None,
    ) -> Any:
        """Post once; return what the answer holds.

        Raises:
            Away: it is no success, or none at all.

        """
        content: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"data": body}
        try:
            answer = self._client.post(address, headers=headers, auth=auth, **content)
        except Exception as error:  # whichever way it failed to answer; its words may hold a number
            raise Away(type(error).__name__) from None
        if answer.status != HTTPStatus.OK:
            if answer.status == HTTPStatus.UNAUTHORIZED:
                self._token = None  # revoked before its time
            raise Away(str(answer.status), retry_after(answer.headers.get("retry-after", "")))
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise Away(f"not-as-described: {type(error).__name__}") from None
