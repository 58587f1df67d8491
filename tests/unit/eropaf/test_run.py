"""The clock beside the workers: it goes on when nobody answers, and never ends alone."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import cast

import psutil
import pytest

from eropaf.agents.clock import Clock
from eropaf.commands import run
from eropaf.streams.errors import BrokerUnreachable
from eropaf.streams.operate.supervisor import Supervisor
from eropaf_client.schemas.errors import RegistryUnavailable, SchemaNotRegistered


class Looking:
    """A clock of which each look does what the test says."""

    def __init__(self, *looks: Callable[[], None]) -> None:
        self.left = list(looks)

    def look(self) -> None:
        if self.left:
            self.left.pop(0)()


def raising(error: Exception) -> Callable[[], None]:
    def look() -> None:
        raise error

    return look


def workers() -> Supervisor:
    return Supervisor(["one"], lambda name: [sys.executable, "-c", "import time; time.sleep(60)"], {})


@pytest.mark.parametrize(
    "error",
    [BrokerUnreachable("gone"), RegistryUnavailable("gone"), SchemaNotRegistered("emptied")],
)
def test_a_clock_that_nobody_answers_looks_again(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "LOOK_EVERY_S", 0.01)
    supervisor = workers()
    clock = Looking(raising(error), raising(error), supervisor.stop)

    asyncio.run(asyncio.wait_for(run._until_told(supervisor, cast(Clock, clock)), 20))

    assert clock.left == []


def test_a_clock_that_breaks_ends_the_workers_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Looking(raising(ZeroDivisionError("a fault of ours")))

    with pytest.raises(ZeroDivisionError, match="a fault of ours"):
        asyncio.run(asyncio.wait_for(run._until_told(workers(), cast(Clock, clock)), 20))

    assert not [each for each in psutil.Process().children() if each.status() != psutil.STATUS_ZOMBIE]
