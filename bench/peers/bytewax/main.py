"""Bytewax: one dataflow with two stateful steps, as its documentation shows."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import bytewax.operators as op
from bytewax._bytewax import cli_main
from bytewax.connectors.kafka import KafkaSinkMessage
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig

from bench.peers.hops import BOOTSTRAP, COMMIT_MS, EVENTS, RISKS, STATE, UPDATES, Hop, Household, Ranking


def hop(flow: Dataflow, name: str, does: Hop, source: str, to: str) -> None:
    """Add one hop."""
    read = kop.input(
        f"{name}-in",
        flow,
        brokers=[BOOTSTRAP],
        topics=[source],
        batch_size=2000,
        add_config={"fetch.wait.max.ms": "50"},
    )
    keyed = op.map(f"{name}-key", read.oks, lambda message: (message.key.decode(), message.value))

    def step(row: Any, message: bytes) -> tuple[Any, bytes | None]:
        return does(row, message)

    told = op.stateful_map(f"{name}-fold", keyed, step)
    some = op.filter_map(f"{name}-told", told, as_message)
    kop.output(
        f"{name}-out",
        some,
        brokers=[BOOTSTRAP],
        topic=to,
        add_config={"partitioner": "murmur2_random", "compression.type": "lz4", "linger.ms": "5"},
    )


def as_message(told: tuple[str, bytes | None]) -> KafkaSinkMessage[bytes, bytes] | None:
    """Return what is told as a message."""
    key, value = told
    return None if value is None else KafkaSinkMessage(key=key.encode(), value=value)


def main() -> None:
    """Run until SIGTERM."""
    store = Path(STATE) / "recovery"
    if not store.exists():
        store.mkdir(parents=True)
        subprocess.run([sys.executable, "-m", "bytewax.recovery", str(store), "1"], check=True)
    flow = Dataflow("bench")
    hop(flow, "household", Household(), EVENTS, RISKS)
    hop(flow, "ranking", Ranking(), RISKS, UPDATES)
    cli_main(
        flow,
        workers_per_process=1,
        epoch_interval=timedelta(milliseconds=COMMIT_MS),
        recovery_config=RecoveryConfig(str(store)),
    )


if __name__ == "__main__":
    main()
