"""What commands read of topics that others may write: what cannot be used is set aside, and said."""

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
    """Yield each record of `topic` that is `wanted`, and what `make` makes of its value; None: a tombstone.

    What cannot be used is set aside and passed over.

    Raises:
        BrokerUnreachable, TopicMissing: at the start, within ten seconds.
        RegistryUnavailable: a schema could not be asked for now.
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
    """Say on the error stream what was set aside, and where the first of it stands."""
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
