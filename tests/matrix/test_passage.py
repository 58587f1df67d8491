"""What two versions must agree on, tried on a log that is right and on one with a thing wrong in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, HOUSEHOLD_RISK, PRIORITIES, REJECTED
from tests.matrix.passage import judge_passage
from tests.unit.test_oracle import REGISTRY, RENT, Log, twice_told
from tests.verdict import GAP, LOST, OUT_OF_ORDER, REPEATED, Verdict


def verdict(log: Log) -> Verdict:
    return judge_passage(log.topics, [RENT], log.acknowledged, REGISTRY)


def without(topic: str, index: int) -> Callable[[Log], None]:
    return lambda log: log.topics[topic].pop(index) and None


def again(topic: str) -> Callable[[Log], None]:
    return lambda log: log.again(topic, 0)


def swapped(log: Log) -> None:
    first, second = twice_told(log)
    updates = log.topics[PRIORITIES]
    updates[first], updates[second] = updates[second], updates[first]


def skipped(log: Log) -> None:
    first, _ = twice_told(log)
    del log.topics[PRIORITIES][first]


def test_a_log_that_is_right_is_found_right() -> None:
    found = verdict(Log())

    assert found.clean, found
    assert found.inputs > 50
    assert found.updates > 20
    assert found.rejected == 2


@pytest.mark.parametrize(
    ("spoil", "column"),
    [
        (without(RENT, 0), LOST),
        (without(HOUSEHOLD_EVENTS, 0), LOST),
        (without(REJECTED, 0), LOST),
        (again(HOUSEHOLD_EVENTS), REPEATED),
        (again(REJECTED), REPEATED),
        (again(HOUSEHOLD_RISK), REPEATED),
        (swapped, OUT_OF_ORDER),
        (skipped, GAP),
    ],
)
def test_one_thing_wrong_is_found(spoil: Callable[[Log], None], column: str) -> None:
    log = Log()

    spoil(log)

    assert verdict(log).counts[column]
