"""`eropaf run`: the workers, kept running."""

from __future__ import annotations

import asyncio
import contextlib

from eropaf.cluster.flow_topics import create_topics
from eropaf.cluster.secret_kept import proven_secret
from eropaf.process import logs
from eropaf.process.supervised import supervisor
from eropaf.serving.until_told import on_told
from eropaf.settings import Settings
from eropaf.streams.operate.supervisor import Supervisor
from eropaf_client.schemas.errors import RegistryUnavailable


def run() -> None:
    """Run the workers until Ctrl-C or SIGTERM; one that ends is restarted."""
    settings = Settings()
    logs.configure(settings.log_format)
    settings.secret()
    settings.read_policy()
    create_topics(settings)
    # Said here at once. Where no registry answers yet each worker waits for it, and proves the secret then.
    with contextlib.suppress(RegistryUnavailable):
        proven_secret(settings)
    asyncio.run(_until_told(supervisor(settings, {})))


async def _until_told(workers: Supervisor) -> None:
    on_told(workers.stop)
    await workers.run()
