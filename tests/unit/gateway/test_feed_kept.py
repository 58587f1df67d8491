"""A gateway runs for months: of a household that was erased it keeps its key as long as the topic does."""

from __future__ import annotations

from typing import Any

from eropaf.agents.topology import ERASURES_DAYS, UPDATES_DAYS
from eropaf.gateway.callers import Caller
from eropaf.gateway.config import Kept
from eropaf.gateway.feed import Feed, Heard
from eropaf_client.schemas.topics import PRIORITIES
from eropaf_client.topic_reader import Read
from tests.integration.clients.telling import an_update

CITY = Caller(outreach="city", areas=("*",), clients=("city",))


def read(offset: int, household: str, update: Any, stored_at_ms: int) -> Read:
    return Read(
        topic=PRIORITIES,
        partition=0,
        offset=offset,
        value=Heard(update),
        stored_at_ms=stored_at_ms,
        key=household.encode(),
    )


def households(feed: Feed) -> list[str]:
    return [each.household for each in feed.after(None, 10, CITY)[0]]


def test_an_erasure_is_told_for_as_long_as_its_topic_keeps_it_and_then_gone() -> None:
    feed = Feed(1, "topic")
    feed.take(read(0, "gone", an_update(household="gone"), 1))
    feed.take(read(1, "here", an_update(household="here"), 1))
    feed.take(read(2, "gone", None, 2))

    feed.forget(before_ms=50, erased_before_ms=2)
    assert households(feed) == ["here", "gone"]
    feed.forget(before_ms=50, erased_before_ms=3)

    assert households(feed) == ["here"]
    assert "gone" not in repr(vars(feed))


def test_an_erasure_reaches_a_tool_whose_areas_were_changed_since_it_was_told() -> None:
    feed = Feed(1, "topic")
    feed.take(read(0, "gone", an_update(household="gone"), 1))
    before = CITY.model_copy(update={"areas": (an_update(household="gone").area,)})
    told, cursor = feed.after(None, 10, before)
    assert [each.update is not None for each in told] == [True]

    feed.take(read(1, "gone", None, 2))

    for since in (cursor, None):
        told, _ = feed.after(since, 10, CITY.model_copy(update={"areas": ("9999",)}))
        assert [(each.household, each.update) for each in told] == [("gone", None)]


def test_the_gateway_keeps_what_the_topics_keep() -> None:
    assert (Kept().updates_days, Kept().erasures_days) == (UPDATES_DAYS, ERASURES_DAYS)
