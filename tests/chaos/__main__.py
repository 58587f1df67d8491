"""`python -m tests.chaos --seed N`: faults from a seed, and a table of what they did.

Exits 1 where the oracle finds a difference, or a recovery takes longer than its bound.
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from eropaf.deploy.embedded.install import install
from tests.chaos.faults import KINDS, kinds_for
from tests.chaos.host import can_break
from tests.chaos.run import Report, Run
from tests.chaos.schedule import schedule
from tests.chaos.setup import SESSION_S, Setup
from tests.chaos.system import System
from tests.chaos.table import as_markdown, kinds_as_markdown

PRELOAD_WITHIN_S = 300.0


def main() -> int:
    """Run, and print the table."""
    arguments = _arguments()
    if arguments.list:
        sys.stdout.write(kinds_as_markdown(KINDS.values()))
        return 0
    installation = install(None)
    kinds = arguments.kinds or kinds_for(arguments.brokers, can_break())
    setup = Setup(
        arguments.seed,
        arguments.brokers,
        arguments.workers,
        arguments.protocol,
        with_registry=True,
        session_s=arguments.session_s,
        breakable_hosts=any(KINDS[kind].breaks_host for kind in kinds),
    )
    _say(_heading(arguments, installation.kafka))
    if left_out := () if arguments.kinds else sorted(set(kinds_for(arguments.brokers)) - set(kinds)):
        _say(f"NO C COMPILER, so left out: {', '.join(left_out)}")
    with tempfile.TemporaryDirectory(prefix="eropaf-chaos-") as folder:
        with System(setup, Path(folder), installation) as system:
            if arguments.households:
                system.feed.preload(arguments.households, PRELOAD_WITHIN_S)
                _say(f"{arguments.households} households of state")
            ends_at = time.monotonic() + arguments.minutes * 60
            run = Run(system, arguments.judge_every, _say)
            try:
                report = run.work(schedule(arguments.seed, kinds, arguments.at_once), ends_at)
            except BaseException:
                _keep_logs(Path(folder), arguments.seed)
                raise
        if not report.good:
            _keep_logs(Path(folder), arguments.seed)
    _say(_table(report))
    return 0 if report.good else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="faults, targets and signals follow from it")
    parser.add_argument("--minutes", type=float, default=8.0, help="no fault begins after so long")
    parser.add_argument("--brokers", type=int, choices=(1, 3), default=1)
    parser.add_argument("--workers", type=int, choices=(2, 3, 4), default=2)
    parser.add_argument("--protocol", choices=("consumer", "classic"), default="consumer")
    parser.add_argument("--households", type=int, default=0, help="of state before the first fault")
    parser.add_argument("--at-once", type=int, choices=(1, 2, 3), default=1, help="faults together")
    parser.add_argument("--session-s", type=float, default=SESSION_S, help="a silent worker is given up")
    parser.add_argument("--judge-every", type=int, default=4, help="faults between two judgements")
    parser.add_argument(
        "--list", action="store_true", help="the kinds of fault, as docs/reliability.md has them"
    )
    parser.add_argument("--kinds", nargs="*", choices=kinds_for(3), help="only these kinds of fault")
    return parser.parse_args()


def _heading(arguments: argparse.Namespace, kafka: str) -> str:
    return (
        f"seed {arguments.seed}, {arguments.brokers} broker(s), {arguments.workers} workers, protocol "
        f"{arguments.protocol}; Kafka {kafka}, confluent-kafka {version('confluent-kafka')}, "
        f"faust-streaming {version('faust-streaming')}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores; {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    )


def _table(report: Report) -> str:
    faults = sum(len(tally.recoveries_s) for tally in report.tallies.values())
    return f"\n{as_markdown(report.tallies)}\n{faults} faults. {report.verdict}"


def _keep_logs(folder: Path, seed: int) -> None:
    """Put the workers' logs where they can be read afterwards."""
    kept = Path(tempfile.gettempdir()) / f"eropaf-chaos-seed-{seed}"
    kept.mkdir(exist_ok=True)
    for log in folder.glob("*.log"):
        (kept / log.name).write_bytes(log.read_bytes())
    _say(f"the workers' logs are in {kept}")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leave no process behind
    sys.exit(main())
