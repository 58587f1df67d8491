"""Declare a stage and its app; what of Faust would write past a checkpoint is refused."""

from typing import Any

from eropaf.agents.codecs import letters
from eropaf.streams.config import StreamsConfig
from eropaf.streams.errors import NotOffered
from eropaf.streams.runtime.app import CheckpointedApp
from eropaf.streams.runtime.stage import Stage
from eropaf_client.schemas.registry import LocalRegistry

counting = Stage("count", ("numbers",))
config = StreamsConfig("127.0.0.1:9092", group="counting", worker="worker-1")
app = CheckpointedApp(config, letters(LocalRegistry()), [counting])


@app.agent(app.batches(counting), name="count")
async def count(batches: Any) -> None:
    async for batch in batches:
        print(batch.partition)


for asked in (lambda: app.Table("count"), lambda: app.topic("sums"), lambda: app.timer(1, on_leader=True)):
    try:
        asked()
    except NotOffered as refused:
        print(str(refused).partition(";")[0])

# Prints:
# Faust's Table is not available here
# Faust's topic is not available here
# Faust's on_leader is not available here
