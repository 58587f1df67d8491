"""Who asks, and whether it is for them: no credential 401, another's 403, and in doubt neither gets in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from starlette.requests import Request
from starlette.responses import Response

from eropaf.gateway import metrics
from eropaf.gateway.callers import Caller, Callers
from eropaf.gateway.certificate import Certificate, Certificates
from eropaf.gateway.problems import COME_AGAIN_S, Problem
from eropaf.gateway.tokens import TokenDoor
from eropaf.serving.issuer import OutOfReach, TokenRefused

Endpoint = Callable[[Request], Awaitable[Response]]
OfCreditor = Callable[[Request, str], Awaitable[Response]]
OfTool = Callable[[Request, Caller], Awaitable[Response]]

# What a token must be for, besides being issued to a caller that is known.
SIGNALS_SCOPE = "eropaf:signals"
OUTREACH_SCOPE = "eropaf:outreach"

log = structlog.get_logger(__name__)


class Door:
    """Wraps endpoints: those of creditors, and those of outreach tools."""

    def __init__(
        self,
        callers: Callers,
        tokens: TokenDoor | None,
        certificates: Certificates,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._callers, self._tokens, self._now = callers, tokens, now
        self._certificates = certificates

    def creditor(self, endpoint: OfCreditor) -> Endpoint:
        """Let a creditor in, and nobody else; `endpoint` is told which it is."""

        async def guarded(request: Request) -> Response:
            caller = await self._caller(request, SIGNALS_SCOPE)
            if caller.creditor is None:
                raise _refused(403, "not-a-creditor", "This is for creditors.")
            return await endpoint(request, caller.creditor)

        return guarded

    def outreach(self, endpoint: OfTool) -> Endpoint:
        """Let an outreach tool in, and nobody else."""

        async def guarded(request: Request) -> Response:
            caller = await self._caller(request, OUTREACH_SCOPE)
            if caller.outreach is None:
                raise _refused(403, "not-an-outreach-tool", "This is for outreach tools.")
            return await endpoint(request, caller)

        return guarded

    async def _caller(self, request: Request, scope: str) -> Caller:
        certificate = self._certificates.of(request.scope)
        if certificate is not None and not certificate.holds(self._now()):
            raise _unknown("certificate-expired", "The certificate is not valid now.")
        said = request.headers.getlist("authorization")
        if said:
            return await self._by_token(request, said, certificate, scope)
        if certificate is None:
            raise _unknown("no-credential", "Show a token (Authorization: Bearer) or a client certificate.")
        caller = self._callers.of_certificate(certificate)
        if caller is None:
            raise _refused(
                403, "caller-unknown", "This certificate is not known here. Ask the municipality to add it."
            )
        request.state.ends_at = certificate.ends.timestamp()
        return caller

    async def _by_token(
        self, request: Request, said: list[str], certificate: Certificate | None, scope: str
    ) -> Caller:
        kind, _, token = said[0].partition(" ")
        if len(said) != 1 or kind.lower() != "bearer" or self._tokens is None:
            raise _unknown("token-refused", "Only one bearer token is taken, of the issuer that is set here.")
        try:
            shown = await self._tokens.shown(token.strip())
        except TokenRefused as error:
            log.info("token refused", why=str(error))
            raise _unknown("token-refused", "The token does not hold here.") from None
        except OutOfReach as error:
            log.warning("the issuer of tokens is out of reach", error=str(error))
            metrics.TURNED_AWAY.labels(reason="issuer-out-of-reach").inc()
            again = {"Retry-After": str(COME_AGAIN_S)}
            raise Problem(
                503, "issuer-out-of-reach", "The token cannot be checked now.", headers=again
            ) from None
        if shown.thumbprint is not None and (
            certificate is None or certificate.thumbprint != shown.thumbprint
        ):
            raise _unknown("token-bound", "The token is bound to a certificate that was not shown with it.")
        caller = self._callers.of_client(shown.client)
        if caller is None:
            raise _refused(
                403, "caller-unknown", "This client is not known here. Ask the municipality to add it."
            )
        other = None if certificate is None else self._callers.of_certificate(certificate)
        if other is not None and other.name != caller.name:
            raise _refused(403, "two-callers", "Token and certificate are of two callers.")
        if scope not in shown.scopes:
            raise _refused(403, "scope-missing", f"The token lacks the scope {scope}.")
        request.state.ends_at = shown.ends_at
        return caller


def _unknown(code: str, detail: str) -> Problem:
    metrics.TURNED_AWAY.labels(reason=code).inc()
    return Problem(401, code, detail, headers={"WWW-Authenticate": 'Bearer realm="eropaf"'})


def _refused(status: int, code: str, detail: str) -> Problem:
    metrics.TURNED_AWAY.labels(reason=code).inc()
    return Problem(status, code, detail)
