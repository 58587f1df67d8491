"""What went wrong, as RFC 9457 has it: for programs by code, field and line, for people in a sentence.

Nothing of a body is repeated: it may say who is in arrears.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from eropaf_client.errors import MOST_NAMED, ClientError, Fault

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:eropaf:problem:"
COME_AGAIN_S = 5

log = structlog.get_logger(__name__)


class Wrong(NamedTuple):
    """One fault: which rule, what to do, in which field and where in the body (`line 3`, a JSON path)."""

    code: str
    detail: str
    field: str | None = None
    place: str | None = None

    @classmethod
    def of(cls, fault: Fault, place: str | None = None) -> Wrong:
        """Make it of a fault that the client library found."""
        return cls(fault.code, fault.message, fault.field, place)

    def to_json(self) -> dict[str, str]:
        """Return what a caller is told."""
        return {name: value for name, value in self._asdict().items() if value is not None}


class Problem(Exception):
    """An answer that is no success. `code` is stable and for programs."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: Sequence[Wrong] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.headers, self.more = errors, dict(headers or {}), more

    def response(self) -> Response:
        """Return the answer."""
        content: dict[str, Any] = {
            "type": TYPE + self.code,
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            **self.more,
        }
        if self.errors:
            content["errors"] = [each.to_json() for each in self.errors[:MOST_NAMED]]
        return JSONResponse(content, self.status, self.headers, MEDIA_TYPE)


def invalid(errors: Sequence[Wrong], found: int | None = None) -> Problem:
    """Return that a body is not as it must be: every fault by field and line, and how many there are."""
    number = len(errors) if found is None else found
    faults = "1 fault" if number == 1 else f"{number} faults"
    said = f"{faults}; nothing was stored. Mend what is named under `errors` and send all of it again."
    return Problem(400, "invalid", said, errors, faults=number)


def of_client(error: ClientError) -> Problem:
    """Return what a caller hears where Kafka did not do what it must."""
    if error.retriable:
        said = "It may or may not be stored. Send it again: sending it twice does no harm."
        return Problem(503, error.code, said, headers={"Retry-After": str(COME_AGAIN_S)})
    log.error("the gateway cannot do its work", code=error.code, error=str(error))
    return Problem(503, "unavailable", "The municipality's side is not in order. Its operator was told.")


async def told(request: Request, error: Exception) -> Response:
    """Answer where a request was refused."""
    if isinstance(error, Problem):
        return error.response()
    if isinstance(error, ClientError):
        return of_client(error).response()
    assert isinstance(error, HTTPException)  # noqa: S101  # Starlette calls it with nothing else
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
    said = {404: "There is nothing here.", 405: "This is not done here."}
    detail = said.get(error.status_code, "It was refused.")
    return Problem(error.status_code, code, detail, headers=error.headers).response()


HANDLERS: dict[Any, Any] = {each: told for each in (Problem, ClientError, HTTPException)}


def broken(request: Request, error: Exception) -> Response:
    """Answer where something failed that no rule foresaw."""
    said = "Something failed here. It may or may not be stored: send it again."
    return Problem(500, "failed", said).response()
