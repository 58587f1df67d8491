"""A service of another office, asked within bounds, and the token by which it knows us."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

from eropaf.gateway.webhooks.post import retry_after
from eropaf.serving.bounded import Answered, BoundedClient

SERVICE_ANSWERS_WITHIN_S = 30.0
# Twenty addresses are a few kilobytes, a receipt is less.
LARGEST_SERVICE_ANSWER_BYTES = 1_048_576
# A token is renewed before it ends.
RENEWED_BEFORE_S = 30.0


class Away(Exception):
    """No answer that can be used; ask again, `after_s` later at the earliest. Says nothing of a person."""

    def __init__(self, why: str, after_s: float = 0.0) -> None:
        super().__init__(why)
        self.after_s = after_s


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who we are there: by a token (OAuth 2, client credentials), a certificate, or both."""

    token_address: str | None = None
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    scope: str | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    ca_file: Path | None = None


class _Token(NamedTuple):
    value: str
    ends_at_s: float


class Service:
    """One service. Used by one thread. `now` is any clock that does not go back."""

    def __init__(self, known_as: Credentials, now: Callable[[], float] = time.monotonic) -> None:
        self._known_as, self._now = known_as, now
        self._token: _Token | None = None
        trusted = ssl.create_default_context(cafile=known_as.ca_file)
        if known_as.certificate_file is not None:
            trusted.load_cert_chain(known_as.certificate_file, known_as.key_file)
        self._client = BoundedClient(trusted, SERVICE_ANSWERS_WITHIN_S, LARGEST_SERVICE_ANSWER_BYTES)

    def post(self, address: str, headers: Mapping[str, str], body: bytes) -> Answered:
        """Post once, with a token where there is one; return the answer, whatever its status.

        Raises:
            Away: there was no whole answer, or no token.

        """
        headers = dict(headers)
        if self._known_as.token_address is not None:
            headers["Authorization"] = f"Bearer {self._bearer(self._known_as.token_address)}"
        answered = self._posted(address, headers=headers, content=body)
        if answered.status == HTTPStatus.UNAUTHORIZED:
            self._token = None  # revoked before its time
        return answered

    def close(self) -> None:
        """Close its connection."""
        self._client.close()

    def _bearer(self, address: str) -> str:
        """Return a token that still holds, and draw one where there is none (RFC 6749 section 4.4)."""
        if self._token is None or self._token.ends_at_s <= self._now():
            client = (self._known_as.client_id or "", self._known_as.client_secret or "")
            form = {"grant_type": "client_credentials"}
            if self._known_as.scope is not None:
                form["scope"] = self._known_as.scope
            json_alone = {"Accept": "application/json"}
            drawn = read(self._posted(address, headers=json_alone, data=form, auth=client))
            try:
                ends_in_s = float(drawn.get("expires_in", 0.0)) - RENEWED_BEFORE_S
                self._token = _Token(str(drawn["access_token"]), self._now() + ends_in_s)
            except (KeyError, TypeError, ValueError, AttributeError):
                raise Away("no-token") from None
        return self._token.value

    def _posted(self, address: str, **asked: Any) -> Answered:
        try:
            return self._client.post(address, **asked)
        except Exception as error:  # whichever way it failed to answer; its words may say who
            raise Away(type(error).__name__) from None


def left_alone_s(answered: Answered) -> float:
    """Return how long it asks to be left alone."""
    return retry_after(answered.headers.get("retry-after", ""))


def read(answered: Answered) -> Any:
    """Return what a success holds as JSON.

    Raises:
        Away: it is none.

    """
    if answered.status != HTTPStatus.OK:
        raise Away(str(answered.status), left_alone_s(answered))
    try:
        return json.loads(answered.body)
    except (ValueError, RecursionError) as error:
        raise Away(f"not-as-described: {type(error).__name__}") from None
