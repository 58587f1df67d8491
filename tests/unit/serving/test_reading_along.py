"""What is read along: where the registry goes away, what was read by then is not lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from eropaf.gateway.state import News
from eropaf.serving.reading import Reading
from eropaf_client.schemas.errors import RegistryUnavailable
from eropaf_client.topic_reader import TopicReader
from tests.fakes import FakeSource
from tests.integration.processes import PATIENCE_S


def decoded(value: bytes) -> bytes:
    return value


def away(value: bytes) -> bytes:
    raise RegistryUnavailable("no answer")


def test_a_registry_that_goes_away_loses_nothing_that_another_topic_had_read() -> None:
    sources = FakeSource(1, "arrears.rent"), FakeSource(1, "outreach.priorities")
    for each in sources:
        each.write("k", b"said", 0)
    readers = [
        TopicReader(sources[0], {"arrears.rent": decoded}),
        TopicReader(sources[1], {"outreach.priorities": away}),
    ]

    (read, *_) = asyncio.run(news_of(readers))

    assert [each.topic for each in read.reads] == ["arrears.rent"]
    assert not read.caught_up


async def news_of(readers: Sequence[TopicReader]) -> list[News]:
    """Return what is told until something was read."""
    found: list[News] = []
    some = asyncio.Event()

    def tell(news: News | Exception) -> None:
        assert isinstance(news, News)
        found.append(news)
        some.set()

    reading = Reading(readers, lambda reads, caught_up: News(reads, caught_up, {}), "")
    reading.start(asyncio.get_running_loop(), tell)
    try:
        async with asyncio.timeout(PATIENCE_S):
            await some.wait()
    finally:
        await asyncio.to_thread(reading.close)
    return found
