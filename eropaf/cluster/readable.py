"""Reads topics that others may write, for commands: unusable records are set aside and reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import typer

from eropaf.settings import Settings
from eropaf_client.files.understood import counted
from eropaf_client.reading import read_all
from eropaf_client.schemas.aside import MOST_PLACES, Asides
from eropaf_client.schemas.wire import Codec

Made = TypeVar("Made")


def records(
    settings: Settings,
    topic: str,
    record: str,
    asides: Asides,
    make: Callable[[dict[str, Any]], Made],
    wanted: Callable[[Any], bool] = lambda message: True,
) -> Iterator[tuple[Any, Made | None]]:
    """Yield each `wanted` record of `topic`, with `make` applied to its value; None: a tombstone.

    Unusable records are set aside and skipped.

    Raises:
        BrokerUnreachable, TopicMissing: at the start, within ten seconds.
        RegistryUnavailable: a schema cannot be fetched now.
    """
    codec: Codec[dict[str, Any]] = Codec(record, topic, settings.registry())
    for message in read_all(settings.cluster(), topic):
        if not wanted(message):
            continue
        if message.value() is None:
            yield message, None
            continue
        made = asides.usable(message, lambda data: make(codec.decode(data)))
        if made is not None:
            yield message, made


def say(asides: Asides) -> None:
    """Report on standard error what was set aside, and the first such record's place."""
    if not asides:
        return
    typer.secho(
        f"{counted(asides.total, 'record')} set aside, as unusable. docs/reference/reasons.md says why",
        fg=typer.colors.YELLOW,
        err=True,
    )
    for aside in asides.first:
        typer.secho(f"  {aside}", fg=typer.colors.YELLOW, err=True)
    if asides.total > MOST_PLACES:
        typer.secho(f"  … and {asides.total - MOST_PLACES} more", fg=typer.colors.YELLOW, err=True)
