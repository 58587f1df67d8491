"""The municipality's case system by the ZGW Zaken API (1.5): a case is made once, and asked how it stands.

Each step looks first whether it was done: a try whose answer was lost is repeated, and makes nothing twice.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
import uuid
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import httpx2
from joserfc import jwt
from joserfc.jwk import OctKey

from eropaf.gateway.cases.accepted import Acceptance
from eropaf.gateway.webhooks.post import OF_THE_EVENT, Result, Tried, retry_after
from eropaf.serving.bounded import AS_IT_IS, whole

# A try is a handful of requests, each of which waits for the case system's own database.
TRIED_WITHIN_S = 30.0
# More of an answer is not read: a page of cases is far smaller.
LARGEST_ANSWER_BYTES = 1_048_576
# The days of a case are Dutch ones.
ZONE = ZoneInfo("Europe/Amsterdam")
# Coordinates that nothing we send has: the standard wants their system named all the same.
CRS = {"Accept-Crs": "EPSG:4326", "Content-Crs": "EPSG:4326"}
ABOUT = "Vroegsignalering: hulp aanvaard"
NAMED = "adres_vroegsignalering"
LONGEST_STATUS = 80

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ZakenAccess:
    """Where the API is, who we are there, and which case is made.

    `rsin` is the municipality's; `case_type` and `status_type` are addresses in its catalogue.
    """

    address: str
    client_id: str
    secret: str = field(repr=False)
    rsin: str
    case_type: str
    status_type: str
    ca_file: Path | None = None


class Opened(NamedTuple):
    """What came of a try, and where the case is, also where it lacks a part; else there is nothing to ask."""

    tried: Tried
    url: str = ""


class Standing(NamedTuple):
    """How a case stands: the last status by its catalogue's name, and when the case ended, if it did."""

    status: str
    ended_on: str


GONE = Standing("", "gone")


class _Refused(Exception):
    """It answered with something else than what was wanted."""

    def __init__(self, tried: Tried) -> None:
        super().__init__(tried.why)
        self.tried = tried


class Zaken:
    """One case system. Used by one thread."""

    def __init__(self, access: ZakenAccess, now: Callable[[], float] = time.time) -> None:
        self._access, self._now = access, now
        self._base = access.address.rstrip("/")
        self._key = OctKey.import_key(access.secret)
        self._trusted = ssl.create_default_context(cafile=access.ca_file)

    def open(self, acceptance: Acceptance) -> Opened:
        """See to it that there is a case of this acceptance. Whatever happens is said, not raised."""
        asking = _Asking(self, acceptance)
        try:
            self._within(asking.case())
            return Opened(Tried(Result.TOLD, "201"), asking.url)
        except _Refused as refused:
            return Opened(refused.tried, asking.url)
        except Exception as error:  # whichever way it failed to answer
            return Opened(Tried(Result.AWAY, type(error).__name__), asking.url)

    def standing(self, number: str, url: str) -> Standing | Tried:
        """Return how a case stands; where that cannot be said now, what came of the try."""
        try:
            return self._within(self._standing(number, url))
        except _Refused as refused:
            return refused.tried
        except Exception as error:  # whichever way it failed to answer
            return Tried(Result.AWAY, type(error).__name__)

    async def ask(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """Ask, and return what the answer holds.

        Raises:
            _Refused: it is no success.
        """
        headers = {
            **CRS,
            **AS_IT_IS,
            "Accept": "application/json",
            "Authorization": f"Bearer {self._token()}",
        }
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            headers["Content-Type"] = "application/json"
        async with (
            httpx2.AsyncClient(
                verify=self._trusted, timeout=None, follow_redirects=False, trust_env=False
            ) as client,
            client.stream(
                method, f"{self._base}/{path}", content=content, headers=headers, params=query
            ) as answer,
        ):
            if not answer.is_success:
                raise _Refused(_meaning(answer))
            return json.loads(await whole(answer, LARGEST_ANSWER_BYTES))

    @property
    def access(self) -> ZakenAccess:
        """Who we are there, and which case is made."""
        return self._access

    def _within(self, asking: Coroutine[Any, Any, T]) -> T:
        async def bounded() -> T:
            async with asyncio.timeout(TRIED_WITHIN_S):
                return await asking

        return asyncio.run(bounded())

    async def found(self, number: str) -> Mapping[str, Any] | None:
        """Return the case of a number of ours; None where there is none.

        Raises:
            _Refused: that cannot be said.
        """
        answer = await self.ask("GET", "zaken", identificatie=number, bronorganisatie=self.access.rsin)
        # Of a filter that a system does not know it answers everything.
        numbered = [each for each in answer["results"] if each.get("identificatie") == number]
        return numbered[0] if numbered else None

    async def _standing(self, number: str, url: str) -> Standing:
        try:
            return await self._stands(url)
        except _Refused as refused:
            if refused.tried.why == "410":
                return GONE
            if refused.tried.why != "404":
                raise
        # A proxy answers 404 too, to everything: whoever can say that our number has no case is none.
        case = await self.found(number)
        return GONE if case is None else await self._stands(str(case["url"]))

    async def _stands(self, url: str) -> Standing:
        case = await self.ask("GET", f"zaken/{_id_of(url)}", expand="status,status.statustype")
        status = _inside(case, "status")
        named = str(_inside(status, "statustype").get("omschrijving") or "")
        said = "".join(letter for letter in named if letter.isprintable())[:LONGEST_STATUS]
        ended = case.get("einddatum")
        return Standing(said, "" if ended is None else date.fromisoformat(ended).isoformat())

    def _token(self) -> str:
        """Return a token as the standard's own guide has it: signed with the secret that both know."""
        client = self._access.client_id
        claims = {
            "iss": client,
            "iat": int(self._now()),
            "client_id": client,
            "user_id": "eropaf",
            "user_representation": "Eropaf, vroegsignalering",
        }
        return jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, self._key)


class _Asking:
    """The steps of one try."""

    def __init__(self, zaken: Zaken, acceptance: Acceptance) -> None:
        self._zaken, self._acceptance, self._access = zaken, acceptance, zaken.access
        self.url = ""
        """Where the case is, as soon as there is one."""

    async def case(self) -> None:
        """See to it that there is a case, with the address and its first status in it.

        The status comes last: whoever is notified of it finds the address.
        """
        number = self._acceptance.number
        case = await self._zaken.found(number) or await self._zaken.ask("POST", "zaken", self._case())
        url = str(case["url"])
        _id_of(url)
        self.url = url
        if not await self._any("zaakobjecten", url):
            await self._zaken.ask("POST", "zaakobjecten", self._object(url))
        if not await self._any("statussen", url):
            await self._zaken.ask("POST", "statussen", self._status(url))

    async def _any(self, path: str, url: str) -> bool:
        found = await self._zaken.ask("GET", path, zaak=url)
        return any(each.get("zaak") == url for each in found["results"])

    def _case(self) -> dict[str, Any]:
        return {
            "identificatie": self._acceptance.number,
            "bronorganisatie": self._access.rsin,
            "verantwoordelijkeOrganisatie": self._access.rsin,
            "zaaktype": self._access.case_type,
            "startdatum": self._acceptance.at.astimezone(ZONE).date().isoformat(),
            "omschrijving": ABOUT,
            "vertrouwelijkheidaanduiding": "vertrouwelijk",
        }

    def _object(self, url: str) -> dict[str, Any]:
        # An `adres` of the standard must have a street and a place, which a household's key has not.
        address = self._acceptance.address
        return {
            "zaak": url,
            "objectType": "overige",
            "objectTypeOverige": NAMED,
            "objectIdentificatie": {
                "overigeData": {
                    "postcode": address.postcode,
                    "huisnummer": address.house_number,
                    "toevoeging": address.addition,
                }
            },
        }

    def _status(self, url: str) -> dict[str, Any]:
        return {
            "zaak": url,
            "statustype": self._access.status_type,
            "datumStatusGezet": self._acceptance.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        }


def _id_of(url: str) -> str:
    """Return a case's own id: with it we ask the address of the settings, whatever its answers say."""
    return str(uuid.UUID(url.rstrip("/").rpartition("/")[2]))


def _inside(resource: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = (resource.get("_expand") or {}).get(name)
    return found if isinstance(found, dict) else {}


def _meaning(answer: httpx2.Response) -> Tried:
    status = answer.status_code
    result = Result.REFUSED if status in OF_THE_EVENT else Result.AWAY
    return Tried(result, str(status), retry_after(answer.headers.get("retry-after", "")))
