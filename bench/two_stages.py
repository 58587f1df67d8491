"""The product's own household and ranking agents as a worker of their own: the job that peers run too.

    python -m bench.two_stages NAME [--on-disk]

Told by the environment what every peer is told (bench/engine.py).
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import faust

from bench.job import CREDITORS, GROUP
from eropaf.agents import household, ranking
from eropaf.agents.codecs import letters
from eropaf.agents.topology import Stages, stages
from eropaf.process import logs
from eropaf.risk.policy import Policy
from eropaf.streams.config import StreamsConfig
from eropaf.streams.operate.supervisor import end_with_parent
from eropaf.streams.runtime.app import CheckpointedApp
from eropaf_client.schemas.registry import LocalRegistry


def flow() -> Stages:
    """Return the stages; two of them are used."""
    return stages(GROUP, CREDITORS, LocalRegistry())


def main(name: str, on_disk: bool) -> None:
    """Run until SIGTERM."""
    end_with_parent()
    logs.configure("console", name, os.environ.get("BENCH_LOG_LEVEL", "warning"))
    registry = LocalRegistry()
    policy = Policy.parse(Path(os.environ["BENCH_POLICY_TOML"]).read_text("utf-8"))
    config = StreamsConfig(
        os.environ["BENCH_BOOTSTRAP"],
        GROUP,
        name,
        group_protocol=os.environ.get("BENCH_PROTOCOL", "consumer"),
        standbys=int(os.environ.get("BENCH_STANDBYS", "1")),
        checkpoint_interval_s=int(os.environ["BENCH_COMMIT_MS"]) / 1000,
        state=Path(os.environ["BENCH_STATE"]) / "rows" if on_disk else None,
    )
    its = flow()
    if os.environ["BENCH_FUSED"] == "false":
        its = replace(its, ranking=replace(its.ranking, behind=None))
    app = CheckpointedApp(config, letters(registry), (its.household, its.ranking))
    household.attach(app, its.household, registry, [], policy, None)
    ranking.attach(app, its.ranking, registry, policy)
    worker = faust.Worker(app, quiet=True, override_logging=False, redirect_stdouts=False)
    worker.spinner = None
    worker.execute_from_commandline()


if __name__ == "__main__":
    main(sys.argv[1], "--on-disk" in sys.argv)
