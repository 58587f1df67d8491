"""What the desk does for a resident's own page: it takes proofs, and answers for one household.

The page has no right but to ask. A session begins with a code of a letter or an ID token of the broker; all
else needs that session's token, which the resident's browser keeps.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from eropaf.board.attempts import Limits, network_of
from eropaf.board.code_flow import LOGIN_WITHIN_S, LoginRefused, checked
from eropaf.board.config import Identity, ResidentsServed
from eropaf.board.explaining import Asking, Explainer, NotOpened
from eropaf.board.guard import LARGEST_FORM_BYTES, not_larger
from eropaf.board.resident import codes
from eropaf.board.resident.store import ResidentSession, ResidentStore
from eropaf.serving.issuer import LEEWAY_S, Issuer, OutOfReach
from eropaf.serving.measured import place_of
from eropaf_client.schemas.limits import BSN

# By code where its first part is known, so that a stranger uses up nobody's; else by where it comes from.
OF_ONE_CODE = RateLimitItemPerMinute(5, namespace="resident-code")
FROM_ONE_NETWORK = RateLimitItemPerMinute(10, namespace="resident-network")
# What a session may have done: each is a transaction of its own.
DEEDS_OF_ONE = RateLimitItemPerMinute(5, namespace="resident-deeds")
# Each log-in may read every topic once.
LOG_INS_OF_ONE = RateLimitItemPerHour(5, namespace="resident-log-ins")
# One resident's topics at a time, to look or to act: clerks have two of their own.
RESIDENTS_READ_AT_ONCE = 1
WAITS_S = 20.0
# Where nothing is known of who asks: that is an answer.
NOBODY = frozenset({"unknown-household", "nothing-kept"})
DEEDS = ("object", "erasure-asked")

Said = dict[str, Any]
Answers = Callable[[Said], Awaitable[Said]]

log = structlog.get_logger(__name__)


class Refused(Exception):
    """A proof that is none, or a session that ended: 401."""


@dataclass(slots=True)
class Known:
    """What is in memory of one session: what is held, once it is asked for, and what was done."""

    reading: asyncio.Task[Said] | None = None
    done: list[str] = field(default_factory=list)


class ResidentDesk:
    """The desk, as a resident's own page sees it."""

    def __init__(
        self,
        store: ResidentStore,
        explainer: Explainer,
        served: ResidentsServed,
        limits: Limits,
        time_zone: str,
    ) -> None:
        self._store, self._explainer, self._served, self._limits = store, explainer, served, limits
        self._zone = ZoneInfo(time_zone)
        self._issuer = Issuer(served.identity.issuer, served.identity.ca_file) if served.identity else None
        self._room = asyncio.Semaphore(RESIDENTS_READ_AT_ONCE)
        self._known: dict[str, Known] = {}
        self._counting = secrets.token_bytes(32)

    def routes(self) -> Iterator[Route]:
        """Yield what the page asks; nobody else may."""
        for name, answers in {
            "begin": self._begin,
            "show": self._show,
            "act": self._act,
            "leave": self._leave,
        }.items():
            yield Route(f"/residents/{name}", self._of_the_page(answers), methods=["POST"])

    def _of_the_page(self, answers: Answers) -> Callable[[Request], Awaitable[Response]]:
        async def answered(request: Request) -> Response:
            shown = request.headers.get("authorization", "").encode()
            if not secrets.compare_digest(shown, f"Bearer {self._served.secret}".encode()):
                return JSONResponse({"error": "only the resident's page may ask"}, 403)
            not_larger(request, LARGEST_FORM_BYTES)
            try:
                said = json.loads(await request.body())
                if not isinstance(said, dict) or not all(isinstance(each, str) for each in said.values()):
                    raise ValueError
                return JSONResponse(await answers(said))
            except (ValueError, RecursionError):  # the first, too, of bytes that are no text
                return JSONResponse({"error": "not what is asked here"}, 400)
            except Refused:
                return JSONResponse({"error": "refused"}, 401)
            except HTTPException as error:
                return JSONResponse({"error": "too many"}, error.status_code)
            except (NotOpened, OutOfReach) as error:
                log.warning("not done for a resident", error=type(error).__name__)
                return JSONResponse({"error": "not now"}, 503)

        return answered

    async def _begin(self, said: Said) -> Said:
        token = (
            await self._by_code(said)
            if "code" in said
            else await self._by_log_in(said.get("id_token", ""), said.get("nonce", ""))
        )
        if token is None:
            raise Refused
        return {"token": token}

    async def _by_code(self, said: Said) -> str | None:
        code = codes.read(said["code"])
        if code is not None and await self._store.knows(code):
            await self._limits.count(OF_ONE_CODE, code[: codes.FOUND_BY])
        else:
            await self._limits.count(FROM_ONE_NETWORK, network_of(said.get("from", "")))
        return None if code is None else await self._store.begin_by_code(code)

    async def _by_log_in(self, id_token: str, nonce: str) -> str | None:
        if self._issuer is None or self._served.identity is None:
            return None
        try:
            bsn = await bsn_of(self._issuer, self._served.identity, id_token, nonce)
        except LoginRefused as error:
            log.warning("a resident's log-in was refused", reason=str(error))
            return None
        # What is counted by says, even in memory, of nobody that they look.
        await self._limits.count(LOG_INS_OF_ONE, hmac.digest(self._counting, bsn.encode(), "sha256").hex())
        return await self._store.begin_by_log_in(bsn, nonce)

    async def _show(self, said: Said) -> Said:
        """Return what is held, once it is read; until then that it is not."""
        session = await self._session(said)
        known = self._of(session)
        if known.reading is None:
            known.reading = asyncio.create_task(self._everything(session, known))
        reading = known.reading
        await asyncio.wait([reading], timeout=WAITS_S)
        if not reading.done():
            return {"ready": False}
        told = reading.result()
        if "letter" not in told:
            known.reading = None  # the next look tries again
            raise NotOpened("not read")
        until = datetime.fromtimestamp(session.ends_at, self._zone)
        return {"ready": True, "until": f"{until:%H:%M}", "way": session.way, "done": known.done, **told}

    async def _act(self, said: Said) -> Said:
        """Do a deed; return whether there was anything to do it to."""
        session = await self._session(said)
        deed = said.get("deed", "")
        if deed not in DEEDS:
            raise ValueError(deed)
        await self._limits.count(DEEDS_OF_ONE, session.id)
        known = self._of(session)
        try:
            async with self._room:
                await self._asked(session, deed, {})
        except NotOpened as error:
            if _is_of_nobody(error):
                return {"done": False}
            raise
        known.done.append(deed)
        return {"done": True}

    async def _leave(self, said: Said) -> Said:
        session = await self._session(said)
        await self._store.leave(session)
        self._known.pop(session.id, None)
        return {}

    async def _session(self, said: Said) -> ResidentSession:
        session = await self._store.session(said.get("token", ""))
        if session is None:
            raise Refused
        return session

    def _of(self, session: ResidentSession) -> Known:
        """Return what is in memory of a session, until it ends."""
        known = self._known.get(session.id)
        if known is None:
            known = self._known[session.id] = Known()
            ends_in = session.ends_at - time.time()
            asyncio.get_running_loop().call_later(ends_in, self._known.pop, session.id, None)
        return known

    async def _everything(self, session: ResidentSession, known: Known) -> Said:
        """Return what is held; no letter where nothing is known of who asks, nothing where it failed."""
        try:
            async with self._room:
                if self._known.get(session.id) is not known:  # who waited has left: nobody looks
                    return {}
                told = await self._asked(session, "access", {"purpose": "resident-asked"})
        except NotOpened as error:
            return {"letter": None} if _is_of_nobody(error) else {}
        return {name: told[name] for name in ("letter", "document", "kept")}

    async def _asked(self, session: ResidentSession, deed: str, more: Said) -> Mapping[str, Any]:
        asked = self._explainer.asked(deed, json.dumps({"who": session.who, **more}).encode())
        # A session is for one household, wherever it is.
        asking = Asking(f"resident ({session.way})", lambda household, area: True)
        try:
            return await asyncio.to_thread(asked.act, asking)
        except NotOpened:
            raise
        except Exception as error:  # whatever it is: its words may hold an address
            log.error("deed of a resident failed", error=type(error).__name__, at=place_of(error))
            raise NotOpened("something went wrong") from None


def _is_of_nobody(error: NotOpened) -> bool:
    return getattr(error.__cause__, "code", None) in NOBODY


async def bsn_of(issuer: Issuer, identity: Identity, id_token: str, nonce: str) -> str:
    """Return the BSN in an ID token of the broker, made for our client just now, for the log-in of `nonce`.

    Raises:
        LoginRefused: it does not hold, or says no number, or of no level that counts.
        OutOfReach: the broker's keys cannot be had.
    """
    if not nonce:
        raise LoginRefused("no nonce")
    must: dict[str, Any] = {"essential": True}
    rules = {"exp": must, "iat": must, "nonce": {**must, "value": nonce}}
    claims = await checked(issuer, identity.client_id, id_token, rules)
    if time.time() - claims["iat"] > LOGIN_WITHIN_S + LEEWAY_S:
        raise LoginRefused("an ID token of a while ago")
    if claims.get("acr") not in identity.levels:
        raise LoginRefused("a level of assurance that does not count: EROPAF_RESIDENT_PAGE_OPENID_LEVELS")
    bsn = claims.get(identity.bsn_claim)
    if not isinstance(bsn, str) or BSN.fullmatch(bsn) is None:
        raise LoginRefused("no BSN in the claim of EROPAF_RESIDENT_PAGE_OPENID_BSN_CLAIM")
    return bsn
