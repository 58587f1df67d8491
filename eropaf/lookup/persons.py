"""The register of persons by its API (Haal Centraal BRP Personen 2.x), asked for twenty numbers at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eropaf.lookup.service import Away, Credentials, Service, read
from eropaf.lookup.whereabouts import FIELDS

# By the API's own description (RaadpleegMetBurgerservicenummer).
MOST_NUMBERS = 20
JSON = "application/json; charset=utf-8"

Persons = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class PersonsAccess:
    """Where the API is, who we are there, and the headers that its gateway asks for.

    Who we are is said by a key, by credentials, or by both.
    """

    address: str
    api_key: str | None = field(default=None, repr=False)
    known_as: Credentials = field(default_factory=Credentials)
    headers: Mapping[str, str] = field(default_factory=dict)


class PersonsApi:
    """One API. Used by one thread."""

    def __init__(self, access: PersonsAccess, service: Service | None = None) -> None:
        self._access = access
        self._address = f"{access.address.rstrip('/')}/personen"
        self._service = Service(access.known_as) if service is None else service

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
        said = read(self._service.post(self._address, self._headers(), json.dumps(question).encode()))
        try:
            # A number that we did not ask for is none of our business, whatever is said of it.
            wanted = set(numbers)
            found = {each["burgerservicenummer"]: each for each in said["personen"]}
            return {number: each for number, each in found.items() if number in wanted}
        except (KeyError, TypeError, AttributeError) as error:
            raise Away(f"not-as-described: {type(error).__name__}") from None

    def close(self) -> None:
        """Close its connection."""
        self._service.close()

    def _headers(self) -> dict[str, str]:
        headers = {**self._access.headers, "Content-Type": JSON, "Accept": "application/json"}
        if self._access.api_key is not None:
            headers["X-API-KEY"] = self._access.api_key
        return headers
