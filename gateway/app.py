"""The gateway put together: routes, and what lives as long as it does."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from eropaf.gateway import metrics
from eropaf.gateway.answers import Answers
from eropaf.gateway.certificate import Certificates
from eropaf.gateway.config import GatewayConfig
from eropaf.gateway.contacts import Contacts
from eropaf.gateway.contract import contract
from eropaf.gateway.door import Door, Endpoint
from eropaf.gateway.feed import Feed
from eropaf.gateway.files import Files
from eropaf.gateway.headers import HEADERS
from eropaf.gateway.intake import Intake
from eropaf.gateway.known import Known
from eropaf.gateway.outreach import LiveStream, Outcomes, Updates
from eropaf.gateway.pages import Pages
from eropaf.gateway.posts import Posts
from eropaf.gateway.problems import HANDLERS, Problem, broken
from eropaf.gateway.progress import Group, KafkaGroup, Progress
from eropaf.gateway.questions import Questions
from eropaf.gateway.reading import CONNECTS_AS, signals_reader, updates_reader
from eropaf.gateway.receipts import Receipts
from eropaf.gateway.repeats import Repeats
from eropaf.gateway.signals import Signals
from eropaf.gateway.state import News, State
from eropaf.gateway.tokens import TokenDoor
from eropaf.serving import measured
from eropaf.serving.faults import Faults
from eropaf.serving.headers import Headers
from eropaf.serving.measured import Measured
from eropaf.serving.reading import Reading
from eropaf_client.schemas.topics import OUTCOMES, PRIORITIES, arrears, contacts, feedback, questions
from eropaf_client.source import KafkaSource, Source
from eropaf_client.topic_reader import Read, TopicReader


@dataclass(frozen=True, slots=True)
class Opened:
    """A gateway at work: its app, that of its metrics, what it knows, and what ends every stream of it."""

    app: ASGIApp
    metrics: ASGIApp
    state: State
    end: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Topics:
    """What a gateway reads and whom it asks: nothing of creditors or of outreach, where none may come in."""

    creditors: Source | None
    priorities: Source | None
    group: Group

    @property
    def serves(self) -> str:
        """Whom a gateway on these serves, as its metrics say it."""
        if self.creditors is None or self.priorities is None:
            return "creditors" if self.priorities is None else "outreach"
        return "both"


@asynccontextmanager
async def opened(config: GatewayConfig) -> AsyncIterator[Opened]:
    """Yield the gateway while it reads its topics.

    Raises:
        ClientError: no broker, or a topic is missing.
    """
    asked = [
        topic
        for each in config.callers.creditors
        for topic in (arrears(each), feedback(each), questions(each))
    ]
    with ExitStack() as stack:
        creditors = await _source(config, asked) if asked else None
        priorities = await _source(config, [PRIORITIES]) if config.callers.with_outreach else None
        group = KafkaGroup(config.cluster, config.group)
        stack.callback(group.close)
        async with on(config, Topics(creditors, priorities, group)) as made:
            yield made


async def _source(config: GatewayConfig, topics: list[str]) -> Source:
    return await asyncio.to_thread(KafkaSource, config.cluster, topics, "gateway")


@asynccontextmanager
async def on(config: GatewayConfig, topics: Topics) -> AsyncIterator[Opened]:
    """Yield the gateway on what it reads and whom it asks."""
    state = State(*await asyncio.to_thread(_kept, config, topics), config.kept)
    feed = state.feed
    registry, readers, records = config.cluster.registry, list[TopicReader](), dict[str, str]()

    def news(reads: Sequence[Read], caught_up: bool) -> News:
        reached = {place: offset for each in readers for place, offset in each.reached.items()}
        return News(reads, caught_up, reached)

    if topics.creditors is not None:
        readers.append(signals_reader(topics.creditors, config.callers.creditors, registry))
        records |= {arrears(each): "ArrearsSignal" for each in config.callers.creditors}
        records |= {contacts(each): "ContactSlip" for each in config.callers.creditors}
    if topics.priorities is not None:
        readers.append(updates_reader(topics.priorities, registry))
        records[OUTCOMES] = "OutreachOutcome"
    reading, posts = Reading(readers, news, CONNECTS_AS), Posts(config.cluster, records)
    live = None if feed is None else LiveStream(feed)
    end = (lambda: None) if live is None else live.end
    reading.start(asyncio.get_running_loop(), state.take)
    try:
        app = _app(config, topics, state, reading, posts, live)
        yield Opened(app, _exposition(topics, state, reading), state, end)
    finally:
        await asyncio.to_thread(reading.close)
        await posts.close()


def _kept(
    config: GatewayConfig, topics: Topics
) -> tuple[dict[str, Known], dict[str, Answers], dict[str, Questions], Feed | None]:
    """Return what will be kept of what is read: by creditor, and for outreach."""
    known, answers, asked, feed = dict[str, Known](), dict[str, Answers](), dict[str, Questions](), None
    if topics.creditors is not None:
        for each in config.callers.creditors:
            known[each] = Known()
            answers[each] = Answers(*_form(topics.creditors, feedback(each)))
            asked[each] = Questions(*_form(topics.creditors, questions(each)))
    if topics.priorities is not None:
        feed = Feed(*_form(topics.priorities, PRIORITIES))
    return known, answers, asked, feed


def _form(source: Source, topic: str) -> tuple[int, str]:
    """Return how many partitions a topic has, and what tells it from a recreated one."""
    return source.partitions[topic], source.identity(topic).topic[:8]


def _app(
    config: GatewayConfig,
    topics: Topics,
    state: State,
    reading: Reading[News],
    posts: Posts,
    live: LiveStream | None,
) -> ASGIApp:
    tokens = None if config.tokens is None else TokenDoor(config.tokens)
    certificates = Certificates(config.trusted_proxies, by_socket=config.socket is not None)
    door = Door(config.callers, tokens, certificates)

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

    async def alive(request: Request) -> Response:
        stuck = reading.stuck
        return PlainTextResponse(stuck or "live", 503 if stuck else 200)

    async def contracted(request: Request) -> Response:
        # For everybody, also for a page of another site: it says nothing of anybody.
        return JSONResponse(contract(), headers={"Access-Control-Allow-Origin": "*"})

    routes = [
        Route("/health/ready", ready),
        Route("/health/live", alive),
        Route("/v1/openapi.json", contracted),
    ]
    if topics.creditors is not None:
        routes += _of_creditors(config, topics.creditors, topics.group, state, posts, door, known)
    if state.feed is not None and live is not None:
        routes += _of_outreach(state.feed, live, posts, door, known)
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Measured, seconds=metrics.REQUEST_SECONDS), Middleware(Faults, broken=broken)],
        exception_handlers=HANDLERS,
    )
    app.router.redirect_slashes = False
    # Outermost, so that an answer to a fault has them too.
    return Headers(app, HEADERS, https=config.https)


Wrap = Callable[[Endpoint], Endpoint]


def _of_creditors(
    config: GatewayConfig, source: Source, group: Group, state: State, posts: Posts, door: Door, known: Wrap
) -> list[Route]:
    progress = Progress(group, config.callers.creditors, source.partitions, state.read_to)
    intake, repeats = Intake(posts, state), Repeats()
    signals = Signals(intake, Receipts(state, progress, config.source_of), repeats)
    left = Contacts(lambda creditor: posts.of(contacts(creditor)), config.slips_public_key)
    files = Files(intake, repeats, config.asked)
    told, asked = Pages("feedback", state.answers), Pages("questions", state.asked)
    return [
        Route("/v1/signals", known(door.creditor(signals.post)), methods=["POST"]),
        Route("/v1/signals/{signal_id:path}", known(door.creditor(signals.receipt))),
        Route("/v1/contacts", known(door.creditor(left.post)), methods=["POST"]),
        Route("/v1/files", known(door.creditor(files.post)), methods=["POST"]),
        Route("/v1/feedback", known(door.creditor(told.get))),
        Route("/v1/questions", known(door.creditor(asked.get))),
    ]


def _of_outreach(feed: Feed, live: LiveStream, posts: Posts, door: Door, known: Wrap) -> list[Route]:
    updates, outcomes = Updates(feed), Outcomes(feed, lambda: posts.of(OUTCOMES))
    return [
        Route("/v1/updates", known(door.outreach(updates.get))),
        Route("/v1/list", known(door.outreach(live.get))),
        Route("/v1/outcomes", known(door.outreach(outcomes.post)), methods=["POST"]),
    ]


def _exposition(topics: Topics, state: State, reading: Reading[News]) -> ASGIApp:
    told: Counter[tuple[str, str]] = Counter()

    async def look() -> None:
        behind = await asyncio.to_thread(reading.behind)
        metrics.UNREAD.set(math.nan if behind is None else behind)
        metrics.READY.labels(serves=topics.serves).set(state.ready.is_set())
        for (topic, reason), count in (reading.asides.counts - told).items():
            metrics.SET_ASIDE.labels(topic=topic, reason=reason).inc(count)
            told[topic, reason] += count

    return measured.exposition(metrics.MEASURES, look)
