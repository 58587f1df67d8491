"""`eropaf run`: the workers, kept running."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Mapping

import structlog

from eropaf import logs
from eropaf.agents.clock import LOOK_EVERY_S, Clock
from eropaf.commands.append import appender
from eropaf.commands.topics import create_topics
from eropaf.settings import Settings
from eropaf.streams.errors import StreamsError
from eropaf.streams.operate.supervisor import Supervisor

log = structlog.get_logger(__name__)


def run() -> None:
    """Run the workers until Ctrl-C or SIGTERM; one that ends is started again."""
    settings = Settings()
    logs.configure(settings.log_format)
    settings.secret()
    settings.read_policy()
    create_topics(settings)
    clock = Clock(lambda: appender(settings)) if settings.clock == "wall" else None
    asyncio.run(_until_told(supervisor(settings, {}), clock))


def supervisor(settings: Settings, environment: Mapping[str, str]) -> Supervisor:
    """Make the supervisor of the workers that `settings` ask for."""
    name, first = settings.worker_name, settings.metrics_port
    ports = {f"{name}-{number + 1}": first + number for number in range(settings.workers)}
    return Supervisor(
        list(ports),
        lambda name: [sys.executable, "-m", "eropaf.worker", name, str(ports[name])],
        environment,
        settings.give_up_after,
    )


async def _until_told(workers: Supervisor, clock: Clock | None) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, workers.stop)
    telling = asyncio.create_task(_tell_time(clock)) if clock is not None else None
    await workers.run()
    if telling is not None:
        telling.cancel()


async def _tell_time(clock: Clock) -> None:
    while True:
        try:
            await asyncio.to_thread(clock.look)
        except StreamsError as error:
            log.warning("the day could not be told; trying again", error=str(error))
        await asyncio.sleep(LOOK_EVERY_S)
