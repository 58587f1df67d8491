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
from eropaf.secret_kept import proven_secret
from eropaf.settings import Settings
from eropaf.streams.errors import StreamsError
from eropaf.streams.operate.supervisor import Supervisor
from eropaf_client.schemas.errors import SchemaError

log = structlog.get_logger(__name__)


def run() -> None:
    """Run the workers until Ctrl-C or SIGTERM; one that ends is started again."""
    settings = Settings()
    logs.configure(settings.log_format)
    settings.secret()
    settings.read_policy()
    create_topics(settings)
    proven_secret(settings)
    clock = (
        Clock(lambda: appender(settings, f"clock-{settings.worker_name}"))
        if settings.clock == "wall"
        else None
    )
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
    """Run `workers`, and `clock` beside them, until a signal tells to stop.

    Whatever ends the clock ends the workers too, and is raised: without it no day passes, and what
    follows from a day (deadlines, retention) would stand still without a word.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, workers.stop)
    running = asyncio.create_task(workers.run())
    together = {running} if clock is None else {running, asyncio.create_task(_tell_time(clock))}
    ended, rest = await asyncio.wait(together, return_when=asyncio.FIRST_COMPLETED)
    if running in rest:
        workers.stop()
        await running
    for telling in rest - {running}:
        telling.cancel()
    for task in ended:
        task.result()


async def _tell_time(clock: Clock) -> None:
    while True:
        try:
            await asyncio.to_thread(clock.look)
        except (StreamsError, SchemaError) as error:
            log.error("the day could not be told; trying again", error=str(error), again_after_s=LOOK_EVERY_S)
        await asyncio.sleep(LOOK_EVERY_S)
