"""Two workers of `bench.two_stages`, as `eropaf run` keeps them on a host.

python -m bench.two_workers HOST
"""

from __future__ import annotations

import asyncio
import signal
import sys

from eropaf.streams.operate.supervisor import Supervisor, end_with_parent


async def main(host: str) -> None:
    """Run until SIGTERM."""
    names = [f"{host}-{number}" for number in (1, 2)]
    workers = Supervisor(names, lambda name: [sys.executable, "-m", "bench.two_stages", name], {})
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, workers.stop)
    await workers.run()


if __name__ == "__main__":
    end_with_parent()
    asyncio.run(main(sys.argv[1]))
