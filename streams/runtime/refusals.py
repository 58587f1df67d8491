"""Parts of Faust that would break a guarantee here: refused when used, with the alternative."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

from eropaf.streams.errors import NotOffered

Kind = TypeVar("Kind", bound=type)

EMIT = (
    "`Batch.emit` in an agent, which is saved with what caused it, or outside the flow a producer of your own"
)
ROWS = "the rows of a stage: `Stage(name, inputs, TableSpec(…))`, then `batch.table`"
PAGES = "a process of its own that reads a topic; health and metrics are on the worker's port"
IN_THE_LOOP = "the records of a batch: `for record, value in batch.decoded(…)`"

# By name: methods of an app.
OF_AN_APP = {
    "Table": ROWS,
    "SetTable": ROWS,
    "GlobalTable": f"a compacted topic that each worker reads with a consumer of its own, or {ROWS}",
    "SetGlobalTable": f"a compacted topic that each worker reads with a consumer of its own, or {ROWS}",
    "topic": "an input of a `Stage`, read by `@app.agent(app.batches(stage))`",
    "send": EMIT,
    "page": PAGES,
    "table_route": PAGES,
    "topic_route": PAGES,
    "LiveCheck": "an `Endpoint` with the worker's health",
}
OF_AN_AGENT = dict.fromkeys(
    ("add_sink", "ask", "ask_nowait", "cast", "send", "map", "kvmap", "join", "kvjoin"), EMIT
)
OF_A_STREAM = {
    **dict.fromkeys(("take", "take_events", "take_with_timestamp", "noack_take"), IN_THE_LOOP),
    **dict.fromkeys(("items", "filter", "enumerate", "noack"), IN_THE_LOOP),
    "group_by": "a stage that emits under the other key, and a stage that reads it",
    "through": "a stage that emits to that topic, and a stage that reads it",
    "echo": EMIT,
    **dict.fromkeys(
        ("join", "left_join", "inner_join", "outer_join"),
        "a stage with both topics as inputs, equally partitioned, and one table",
    ),
}


def without(refused: Mapping[str, str]) -> Callable[[Kind], Kind]:
    """Return a class decorator that makes the named methods refuse, each naming its alternative."""

    def replaced(kind: Kind) -> Kind:
        for name, instead in refused.items():
            setattr(kind, name, _refusing(name, instead))
        return kind

    return replaced


def check_agent(fun: Any, channel: Any, concurrency: int, isolated_partitions: bool, sink: Any) -> None:
    """Refuse an agent that reads no stage, would break a partition's order, or bypass the checkpoint.

    Raises:
        NotOffered: it does.

    """
    if channel is None or isinstance(channel, str):
        _refuse("agent that names its topic, or none,", "`@app.agent(app.batches(stage))`")
    if concurrency != 1 or isolated_partitions:
        _refuse("concurrency", "more partitions and more workers: a partition's batches follow one another")
    if sink or inspect.isasyncgenfunction(fun):
        _refuse("a sink, or an agent that yields,", EMIT)


def check_leader(on_leader: bool) -> None:
    """Refuse what only a leader could do: there is no leader.

    Raises:
        NotOffered: it was used.

    """
    if on_leader:
        _refuse("on_leader", "`if app.reads(topic, 0)`: one worker reads the first partition")


def _refusing(name: str, instead: str) -> Callable[..., NoReturn]:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        _refuse(name, instead)

    return refuse


def _refuse(what: str, instead: str) -> NoReturn:
    raise NotOffered(f"Faust's {what} is not available here; use {instead} (docs/explanation/faust.md)")
