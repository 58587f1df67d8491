"""A body's own contradictions are found however far apart they stand, and memory does not grow with it."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Iterator

import pytest

from eropaf.gateway import said as bounds
from eropaf.gateway.intake import look_through
from eropaf.gateway.known import Known, Ready
from eropaf.gateway.problems import Problem
from eropaf.gateway.said import Said
from eropaf_client.errors import MOST_NAMED


def ready(number: int, version: int = 1, amount: int = 0) -> Ready:
    return Ready(
        place=number,
        signal_id=f"S-{number}",
        version=version,
        contract="C-1",
        digest=b"%032d" % amount,
        value=b"",
    )


def looked_through(count: int, amount: int = 0) -> int:
    """Look through a body, each signal of which was said before with amount 0; return the peak in bytes."""

    def signals() -> Iterator[Ready]:
        for number in range(count):
            yield ready(number)
            yield ready(number, amount=amount)

    tracemalloc.start()
    try:
        asyncio.run(look_through(Known(), signals(), "line"))
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak


def test_what_a_body_says_takes_no_more_memory_where_it_is_larger() -> None:
    looked_through(10)

    assert looked_through(20_000) < looked_through(2_000) + 500_000


def test_a_contradiction_is_found_among_what_lies_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "IN_MEMORY_KIB", 16)

    with Said() as said:
        assert not any(said.contradicts(ready(number)) for number in range(3_000))
        assert not said.contradicts(ready(1)), "the same again"
        assert not said.contradicts(ready(1, version=2, amount=5)), "a correction"
        assert said.contradicts(ready(1, amount=5))
        assert said.contradicts(ready(1, version=2, amount=6))


def test_of_very_many_contradictions_so_many_are_kept_as_are_named() -> None:
    with pytest.raises(Problem) as refused:
        looked_through(MOST_NAMED + 1, amount=5)

    assert len(refused.value.errors) == MOST_NAMED
