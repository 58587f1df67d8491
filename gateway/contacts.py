"""`POST /contacts`: how whoever has a contract is reached, sealed here and kept nowhere else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from eropaf.gateway.body import media_type, whole
from eropaf.gateway.problems import Problem, Wrong, invalid
from eropaf.gateway.receipts import RECEIVED
from eropaf.gateway.room import Room
from eropaf.gateway.signal_json import TEXT, Refused, must, read_fields, read_json
from eropaf_client.async_sending import AsyncSender
from eropaf_client.contact_slips import Contact, Seal
from eropaf_client.errors import InvalidContact, NotAcknowledged

LARGEST_SLIP_BYTES = 4_096
SLIP = {"contract": must(TEXT), "name": TEXT, "phone": TEXT, "email": TEXT}


class Given(NamedTuple):
    """A contact as it is given: of which contract, and how it is reached."""

    contract: str
    contact: Contact

    def __repr__(self) -> str:
        return f"Given({self.contract!r})"


class Contacts:
    """Seals and stores contact slips; without a key the municipality takes none."""

    def __init__(self, post: Callable[[str], Awaitable[AsyncSender]], public_key: str | None) -> None:
        """Take `post`, which returns the sender of a creditor's slips."""
        self._post = post
        self._seal = None if public_key is None else Seal(public_key)
        self._room = Room("/v1/contacts", of_one=100, of_all=500, again_after_s=1)

    async def post(self, request: Request, creditor: str) -> Response:
        """Store one slip. The newest of a contract counts; the same twice changes nothing."""
        if self._seal is None:
            said = "This municipality takes no contact details: its policy states no ground for it."
            raise Problem(403, "no-contacts-taken", said)
        if media_type(request) != "application/json":
            raise Problem(415, "media-type", "Send application/json.")
        with self._room.taken(creditor):
            given = _read(await whole(request, LARGEST_SLIP_BYTES))
            post = await self._post(creditor)
            try:
                value = post.sender.encode(self._seal.slip(given.contract, given.contact))
            except InvalidContact as error:
                raise invalid([Wrong.of(each) for each in error.faults]) from None
            sent = await (await post.send(given.contract, value))
            if sent.at is None:
                raise NotAcknowledged(f"a contact slip was not acknowledged ({sent.error})")
        return JSONResponse({"contract": given.contract, "status": RECEIVED}, 202)


def _read(body: bytes) -> Given:
    def made(contract: str, **contact: Any) -> Given:
        return Given(contract, Contact(**contact))

    try:
        return read_fields(read_json(body), SLIP, made)
    except Refused as refused:
        raise invalid(refused.wrong) from None
