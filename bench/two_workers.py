"""Two workers of `bench.two_stages`, as `eropaf run` keeps them: what the second core gives.

python -m bench.two_workers
"""

from __future__ import annotations

import asyncio
import signal
import sys

from eropaf.streams.operate.supervisor import Supervisor, end_with_parent

NAMES = ("one", "two")


async def main() -> None:
    """Run until SIGTERM."""
    workers = Supervisor(NAMES, lambda name: [sys.executable, "-m", "bench.two_stages", name], {})
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, workers.stop)
    await workers.run()


if __name__ == "__main__":
    end_with_parent()
    asyncio.run(main())
