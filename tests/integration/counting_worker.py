"""A worker of a flow that has nothing to do with arrears: it counts, twice.

`numbers` → stage `count` (a count by key) → `counts` → stage `sum` (a sum by key) → `sums`.
Each input makes one output at each stage, so whatever is lost or repeated shows at the end.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import faust

from eropaf.agents.codecs import letters
from eropaf.process import logs
from eropaf.streams.config import StreamsConfig
from eropaf.streams.operate.supervisor import end_with_parent
from eropaf.streams.operate.topics import Topic
from eropaf.streams.runtime.app import CheckpointedApp
from eropaf.streams.runtime.loss import Loss
from eropaf.streams.runtime.stage import Stage, TableSpec, changelog
from eropaf_client.schemas.registry import LocalRegistry

PARTITIONS = 4
HANGS = 4321


def number(data: bytes | None) -> int:
    return int(data or b"0")


def table(name: str) -> TableSpec:
    return TableSpec(name, encode=lambda value: str(value).encode(), decode=int)


COUNT = Stage("count", ("numbers",), table("count"))
SUM = Stage("sum", ("counts",), table("sum"))


def topics(group: str) -> list[Topic]:
    names = ["numbers", "counts", "sums", "rejected"]
    logs_of_tables = [changelog(group, stage.table.name) for stage in (COUNT, SUM) if stage.table]
    return [
        *(Topic(name, PARTITIONS) for name in names),
        *(Topic(name, PARTITIONS, {"cleanup.policy": "compact"}) for name in logs_of_tables),
    ]


def build(config: StreamsConfig) -> CheckpointedApp:
    app = CheckpointedApp(config, letters(LocalRegistry()), (COUNT, SUM))

    @app.agent(app.batches(COUNT), name="count")
    async def count(batches: Any) -> None:
        async for batch in batches:
            for record, value in batch.decoded(number):
                if value < 0:
                    raise ValueError("this agent fails on a negative number")
                if value == HANGS:
                    time.sleep(600)  # as a loop without end would
                total = (batch.table.get(record.key()) or 0) + 1
                batch.table.put(record.key(), total)
                batch.emit("counts", record.key(), str(total).encode(), record.timestamp()[1])

    @app.agent(app.batches(SUM), name="sum")
    async def sum_up(batches: Any) -> None:
        async for batch in batches:
            for record, value in batch.decoded(number):
                total = (batch.table.get(record.key()) or 0) + value
                batch.table.put(record.key(), total)
                batch.emit("sums", record.key(), str(total).encode(), record.timestamp()[1])

    return app


if __name__ == "__main__":
    end_with_parent()
    logs.configure("console", sys.argv[2])
    settings: dict[str, Any] = dict(part.split("=", 1) for part in sys.argv[3:])
    settings |= {name: float(value) for name, value in settings.items() if name.endswith("_s")}
    settings |= {name: Path(value) for name, value in settings.items() if name == "state"}
    if "accepted_losses" in settings:
        settings["accepted_losses"] = (Loss.parse(settings["accepted_losses"]),)
    worker = faust.Worker(
        build(StreamsConfig(sys.argv[1], "counting", sys.argv[2], **settings)),
        quiet=True,
        override_logging=False,
        redirect_stdouts=False,
    )
    worker.spinner = None
    worker.execute_from_commandline()
