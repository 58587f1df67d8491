"""The board put together, and what lives as long as it does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

from eropaf.board import metrics
from eropaf.board.address_register import AddressRegister
from eropaf.board.claims import ClaimSender
from eropaf.board.config import BoardConfig
from eropaf.board.faults import broken, refused
from eropaf.board.guard import HEADERS, kept
from eropaf.board.leavers import let_go
from eropaf.board.measured import exposition
from eropaf.board.reading import read_along
from eropaf.board.routes import Parts, routes
from eropaf.board.safety import MarkSender
from eropaf.board.state import State
from eropaf.board.store import Store
from eropaf.serving.faults import Faults
from eropaf.serving.headers import Headers
from eropaf.serving.measured import Measured
from eropaf_client.outcomes import OutcomeReporter


@asynccontextmanager
async def opened(config: BoardConfig, store: Store) -> AsyncIterator[tuple[ASGIApp, ASGIApp, State]]:
    """Yield the board's app, that of its metrics, and its state while it reads its topics.

    Raises:
        ClientError: no broker, or a topic is missing.
    """
    await store.open()
    register = AddressRegister(config.address_register) if config.address_register else None
    state = State(config.event_clock, config.time_zone, register)
    cluster = config.cluster
    reading, sender, reporter = read_along(cluster), ClaimSender(cluster), OutcomeReporter(cluster)
    marks = MarkSender(cluster)
    reading.start(state.loop, state.take)
    # The desk may publish no claim, and holds none.
    letting_go = None if config.explainer else asyncio.create_task(let_go(state, sender, reading.behind))
    try:
        measured = exposition(
            state, reading, "desk" if config.explainer else "team", config.check_out_minutes
        )
        yield (
            app_of(
                Parts(
                    config=config,
                    store=store,
                    state=state,
                    reading=reading,
                    sender=sender,
                    reporter=reporter,
                    marks=marks,
                )
            ),
            measured,
            state,
        )
    finally:
        if letting_go is not None:
            letting_go.cancel()
        reading.close()
        sender.close()
        reporter.close()
        marks.close()
        await store.close()


def app_of(parts: Parts) -> ASGIApp:
    """Return the board as it is served."""
    starlette = Starlette(
        routes=routes(parts),
        middleware=[
            Middleware(Measured, seconds=metrics.REQUEST_SECONDS),
            Middleware(Faults, broken=broken),
            Middleware(GZipMiddleware, minimum_size=1000),
        ],
        exception_handlers={HTTPException: refused},
    )
    starlette.state.theme = parts.config.theme is not None
    # Outermost, so that an answer to a fault has them too.
    return Headers(starlette, HEADERS, https=parts.config.https, kept=kept)
