"""What a user of Faust tries first works, or is refused at once with what to use instead."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from eropaf.agents.codecs import letters
from eropaf.streams.config import StreamsConfig
from eropaf.streams.errors import NotOffered
from eropaf.streams.runtime.app import CheckpointedApp
from eropaf.streams.runtime.refusals import OF_A_STREAM, OF_AN_AGENT, OF_AN_APP
from eropaf.streams.runtime.stage import Stage
from eropaf_client.schemas.registry import LocalRegistry

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "faust.md"
COUNTING = Stage("count", ("numbers",))


async def agent(batches: Any) -> None:
    async for _ in batches:
        pass


async def yielding(batches: Any) -> Any:
    async for batch in batches:
        yield batch


@pytest.fixture(autouse=True)
def _loop() -> Iterator[None]:
    """A loop for what Faust makes outside one: Python warns since 3.12, unless another test left one."""
    with closing(asyncio.new_event_loop()) as loop:
        asyncio.set_event_loop(loop)
        yield
        asyncio.set_event_loop(None)


@pytest.fixture
def app() -> CheckpointedApp:
    return CheckpointedApp(StreamsConfig("127.0.0.1:1", "counting", "worker"), letters(LocalRegistry()), ())


@pytest.mark.parametrize("name", OF_AN_APP)
def test_what_an_app_does_not_offer_is_refused_where_it_is_asked_for(name: str, app: CheckpointedApp) -> None:
    with pytest.raises(NotOffered) as refused:
        getattr(app, name)("numbers")

    assert f"Faust's {name} is not available here; use {OF_AN_APP[name]}" in str(refused.value)


@pytest.mark.parametrize("name", OF_AN_AGENT)
def test_what_an_agent_does_not_offer_is_refused_where_it_is_asked_for(
    name: str, app: CheckpointedApp
) -> None:
    made = app.agent(app.batches(COUNTING), name="count")(agent)

    with pytest.raises(NotOffered, match=r"`Batch\.emit`"):
        getattr(made, name)("1")


@pytest.mark.parametrize("name", OF_A_STREAM)
def test_what_a_stream_does_not_offer_is_refused_where_it_is_asked_for(
    name: str, app: CheckpointedApp
) -> None:
    stream = app.stream(app.batches(COUNTING))

    with pytest.raises(NotOffered) as refused:
        getattr(stream, name)(10)

    assert OF_A_STREAM[name] in str(refused.value)


@pytest.mark.parametrize(
    ("asked", "instead"),
    [
        (lambda app: app.agent()(agent), "app.batches(stage)"),
        (lambda app: app.agent("numbers")(agent), "app.batches(stage)"),
        (lambda app: app.agent(app.batches(COUNTING), concurrency=4)(agent), "more partitions"),
        (lambda app: app.agent(app.batches(COUNTING), isolated_partitions=True)(agent), "more partitions"),
        (lambda app: app.agent(app.batches(COUNTING), sink=[print])(agent), "Batch.emit"),
        (lambda app: app.agent(app.batches(COUNTING))(yielding), "Batch.emit"),
        (lambda app: app.timer(1.0, on_leader=True), "app.reads(topic, 0)"),
        (lambda app: app.crontab("* * * * *", on_leader=True), "app.reads(topic, 0)"),
        (lambda app: app.task(on_leader=True), "app.reads(topic, 0)"),
    ],
)
def test_what_would_break_a_promise_is_refused_as_it_is_declared(
    asked: Callable[[CheckpointedApp], Any], instead: str, app: CheckpointedApp
) -> None:
    with pytest.raises(NotOffered) as refused:
        asked(app)

    assert instead in str(refused.value)


def test_timers_tasks_services_and_commands_are_taken(app: CheckpointedApp) -> None:
    async def tick() -> None:
        pass

    app.timer(1.0)(tick)
    app.crontab("* * * * *")(tick)
    app.task(tick)
    app.task()(tick)

    assert len(app._app_tasks) == 4


def test_the_page_names_all_that_is_refused() -> None:
    page = PAGE.read_text("utf-8")

    refused = (*OF_AN_APP, *OF_AN_AGENT, *OF_A_STREAM)
    assert [name for name in refused if not re.search(rf"[`.]{name}\b", page)] == []
