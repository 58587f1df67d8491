"""The gateway put together: routes, and what lives as long as it does."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from eropaf.gateway import metrics
from eropaf.gateway.certificate import Certificates
from eropaf.gateway.config import GatewayConfig
from eropaf.gateway.door import Door, Endpoint
from eropaf.gateway.feedback import Feedback
from eropaf.gateway.files import Files
from eropaf.gateway.headers import Headers
from eropaf.gateway.intake import Intake
from eropaf.gateway.posts import Posts
from eropaf.gateway.problems import HANDLERS, Faults, Problem
from eropaf.gateway.progress import Group, KafkaGroup, Progress
from eropaf.gateway.reading import Reading, decoders
from eropaf.gateway.receipts import Receipts
from eropaf.gateway.repeats import Repeats
from eropaf.gateway.signals import Signals
from eropaf.gateway.state import State
from eropaf.gateway.tokens import TokenDoor
from eropaf.serving import measured
from eropaf.serving.measured import Measured
from eropaf_client.schemas.topics import arrears, feedback
from eropaf_client.source import KafkaSource, Source


@dataclass(frozen=True, slots=True)
class Opened:
    """A gateway at work: its app, that of its metrics, and what it knows."""

    app: ASGIApp
    metrics: ASGIApp
    state: State


@asynccontextmanager
async def opened(config: GatewayConfig) -> AsyncIterator[Opened]:
    """Yield the gateway while it reads its topics.

    Raises:
        ClientError: no broker, or a topic is missing.
    """
    topics = [topic for each in config.creditors for topic in (arrears(each), feedback(each))]
    source = await asyncio.to_thread(KafkaSource, config.cluster, topics, "gateway")
    group = KafkaGroup(config.cluster, config.group)
    try:
        async with on(config, source, group) as made:
            yield made
    finally:
        group.close()


@asynccontextmanager
async def on(config: GatewayConfig, source: Source, group: Group) -> AsyncIterator[Opened]:
    """Yield the gateway on what it reads and whom it asks."""
    identity = await asyncio.to_thread(source.identity)
    state = State(config.creditors, source.partitions, identity.topic[:8], config.kept)
    reading = Reading(source, decoders(config.creditors, config.cluster.registry))
    posts = Posts(config.cluster, config.creditors)
    partitions = {arrears(each): source.partitions[arrears(each)] for each in config.creditors}
    progress = Progress(group, partitions, state.read_on)
    reading.start(asyncio.get_running_loop(), state.take)
    try:
        yield Opened(_app(config, state, reading, posts, progress), _exposition(state, reading), state)
    finally:
        await asyncio.to_thread(reading.close)
        await posts.close()


def _app(config: GatewayConfig, state: State, reading: Reading, posts: Posts, progress: Progress) -> ASGIApp:
    tokens = None if config.tokens is None else TokenDoor(config.tokens)
    door = Door(config.callers, tokens, Certificates(config.trusted_proxies))
    intake, repeats = Intake(posts, state), Repeats()
    signals = Signals(intake, Receipts(state, progress, config.source_of), repeats)
    files, told = Files(intake, repeats, config.asked), Feedback(state)

    def known(endpoint: Endpoint) -> Endpoint:
        """Answer once everything was read: of half of it a signal is not known, and would be stored again."""

        async def answered(request: Request) -> Response:
            if not state.ready.is_set():
                raise Problem(503, "reading", "The gateway is starting.", headers={"Retry-After": "5"})
            return await endpoint(request)

        return answered

    async def ready(request: Request) -> Response:
        return PlainTextResponse(
            "ready" if state.ready.is_set() else "reading", 200 if state.ready.is_set() else 503
        )

    async def live(request: Request) -> Response:
        stuck = reading.stuck
        return PlainTextResponse(stuck or "live", 503 if stuck else 200)

    app = Starlette(
        routes=[
            Route("/v1/signals", known(door.creditor(signals.post)), methods=["POST"]),
            Route("/v1/signals/{signal_id:path}", known(door.creditor(signals.receipt))),
            Route("/v1/files", known(door.creditor(files.post)), methods=["POST"]),
            Route("/v1/feedback", known(door.creditor(told.get))),
            Route("/health/ready", ready),
            Route("/health/live", live),
        ],
        middleware=[Middleware(Measured, seconds=metrics.REQUEST_SECONDS), Middleware(Faults)],
        exception_handlers=HANDLERS,
    )
    app.router.redirect_slashes = False
    # Outermost, so that an answer to a fault has them too.
    return Headers(app, config.https)


def _exposition(state: State, reading: Reading) -> ASGIApp:
    told: Counter[tuple[str, str]] = Counter()

    async def look() -> None:
        behind = await asyncio.to_thread(reading.behind)
        metrics.UNREAD.set(math.nan if behind is None else behind)
        metrics.READY.set(state.ready.is_set())
        for (topic, reason), count in (reading.asides.counts - told).items():
            metrics.SET_ASIDE.labels(topic=topic, reason=reason).inc(count)
            told[topic, reason] += count

    return measured.exposition(metrics.REGISTRY, look)
