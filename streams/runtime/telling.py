"""What metrics say of how a worker stands: what waits, what is open, how many rows there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from eropaf.streams.observe import metrics
from eropaf.streams.runtime.loss import Loss
from eropaf.streams.runtime.ownership import Shard
from eropaf.streams.runtime.stage import Stage
from eropaf.streams.state.table import TablePartition
from eropaf.streams.topic_partition import TP


def tell_lags(lags: Mapping[TP, int]) -> None:
    """Show the records that wait in each partition, and forget those of partitions that were given up."""
    metrics.LAG.clear()
    for tp, lag in lags.items():
        metrics.LAG.labels(topic=tp.topic, partition=tp.partition).set(lag)


def tell_losses(losses: Iterable[Loss]) -> None:
    """Show what was deleted before it was read, of the partitions that stand still for it."""
    metrics.LOST.clear()
    for loss in losses:
        metrics.LOST.labels(topic=loss.topic, partition=loss.partition).set(loss.offsets)


def tell_partitions(stages: Iterable[Stage], counts: Mapping[str, int]) -> None:
    """Show how many partitions there are to read, by stage; `counts`: of each topic."""
    for stage in stages:
        metrics.PARTITIONS.labels(stage=stage.name).set(sum(counts.get(topic, 0) for topic in stage.inputs))


def tell_rows(
    stages: Iterable[Stage],
    opened: Collection[Shard],
    tables: Mapping[Shard, Mapping[str, TablePartition[Any]]],
) -> None:
    """Show what is open and what is kept, by stage and table.

    What nothing was read of yet is shown as none: a counter that is absent until its first record hides that
    record from a rate, and answers nobody who asks for it.
    """
    metrics.TALLY.clear()
    for shard in opened:
        for tp in shard.inputs:
            metrics.RECORDS_IN.labels(topic=tp.topic)
    for stage in stages:
        shards = [shard for shard in opened if shard.stage == stage.head]
        read = [tp for shard in shards for tp in shard.inputs if tp.topic in stage.inputs]
        metrics.PARTITIONS_OPEN.labels(stage=stage.name).set(len(read))
        if stage.table is None:
            continue
        kept = [tables[shard][stage.table.name] for shard in shards]
        metrics.ROWS.labels(table=stage.table.name).set(sum(map(len, kept)))
        tallies = sum((partition.tallies for partition in kept), Counter[str]())
        for under, count in tallies.items():
            metrics.TALLY.labels(table=stage.table.name, under=under).set(count)
