"""Who is logged in, as long as that holds: until they leave, are sent, or the provider no longer agrees."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

from eropaf.board.code_flow import LoginRefused
from eropaf.board.open_id import UNREACHED_FOR_S, Provider
from eropaf.board.store import Session, Store
from eropaf.serving.issuer import OutOfReach

# What another process ended, a command or another board, shows here within this time.
CHANGES_SEEN_WITHIN_S = 1.0

log = structlog.get_logger(__name__)


class Sessions:
    """Every session is asked for here, so that one that ended is worth nothing anywhere."""

    def __init__(self, store: Store, provider: Provider | None, ended: Callable[[], None]) -> None:
        """Take `ended`, which wakes the open streams; each then checks whether it may go on."""
        self._store = store
        self._provider = provider
        self._ended = ended
        self._changes = 0
        self._under_way = set[asyncio.Task[Session | None]]()

    async def of(self, token: str | None, used: bool = True) -> Session | None:
        """Return the session of `token`, where it still holds.

        `used`: a person asked, not a page that is merely open.
        """
        session = await self._store.session(token, used) if token else None
        if session is None or session.agreed is None or time.time() < session.agreed.ask_at:
            return session
        # Kept: a page that closes must not break it off where the provider's new refresh token is on its way.
        asking = asyncio.create_task(self._asked_again(session))
        self._under_way.add(asking)
        asking.add_done_callback(self._under_way.discard)
        return await asyncio.shield(asking)

    async def end(self, session: Session) -> None:
        """Log out."""
        await self._store.end_session(session.token)
        self.tell()

    def tell(self) -> None:
        """Let every open stream look whether it still may."""
        self._changes += 1
        self._ended()

    def watch(self, session: Session) -> Watch:
        """Return what tells a stream whether it may go on."""
        return Watch(self, session)

    @property
    def changes(self) -> int:
        """How often a session ended in this process."""
        return self._changes

    async def _asked_again(self, session: Session) -> Session | None:
        assert session.agreed is not None  # noqa: S101  # else there is nobody to ask
        if not await self._store.may_ask(session):
            # Another request asks just now. It may have ended meanwhile.
            return await self._store.session(session.token, used=False)
        try:
            if self._provider is None:
                raise LoginRefused("the provider is no longer configured")
            user, agreed = await self._provider.again(session.user, session.agreed)
            return await self._store.agree(session, user, agreed)
        except OutOfReach as error:
            log.warning("the OpenID provider does not answer", error=str(error))
            if time.time() < session.agreed.agreed_at + UNREACHED_FOR_S:
                return session
        except LoginRefused as error:
            log.info("a session ended", reason=str(error))
        await self.end(session)
        return None


class Watch:
    """Whether a stream may go on: asked before each event, and answered at most a second late."""

    def __init__(self, sessions: Sessions, session: Session) -> None:
        self._sessions = sessions
        self._session = session
        self._looked_at, self._changes = time.monotonic(), sessions.changes

    async def holds(self) -> bool:
        """Return whether the session is still that of the same person with the same role and areas."""
        now, changes = time.monotonic(), self._sessions.changes
        if changes == self._changes and now - self._looked_at < CHANGES_SEEN_WITHIN_S:
            return True
        session = await self._sessions.of(self._session.token, used=False)
        self._looked_at, self._changes = now, changes
        return session is not None and session.user == self._session.user
