from __future__ import annotations

from dataclasses import replace

from eropaf.streams.observe.health import Health

WELL = Health(joined=True, ending=False, open=8, taken=8, lost=0, broker_gone_since=None)


def test_a_worker_is_ready_when_all_that_it_was_given_is_open() -> None:
    assert WELL.ready
    assert str(WELL) == "8 partitions open"
    assert replace(WELL, open=0, taken=0).ready


def test_a_worker_that_is_not_ready_says_why() -> None:
    told = {
        "joining the group": replace(WELL, joined=False),
        "restoring: 5 of 8 partitions are not open yet": replace(WELL, open=3),
        "no broker has answered since 2026-03-02T12:00:00Z": replace(WELL, broker_gone_since=1772452800.0),
        "ending: what is in hand is saved, the partitions are given back": replace(WELL, ending=True),
    }
    for words, health in told.items():
        assert not health.ready
        assert str(health) == words
