"""What the commands about rejected records share: which are meant, and where they are read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

import typer

from eropaf.settings import Settings
from eropaf.streams.operate.letters import Letter, Letters, matching

Reason = Annotated[str | None, typer.Option(help="One code of docs/reference/reasons.md.")]
Topic = Annotated[str | None, typer.Option(help="Topic that the record was read from.")]
Since = Annotated[datetime | None, typer.Option(help="Records stored at or after this moment, UTC.")]
Until = Annotated[datetime | None, typer.Option(help="Records stored before this moment, UTC.")]
Id = Annotated[str | None, typer.Option("--id", help="One record, as `eropaf rejected list` names it.")]


def open_letters(settings: Settings) -> Letters:
    """Give the letters of the cluster that `settings` name."""
    return Letters(settings.bootstrap, settings.kafka_client, settings.registry())


def meant(
    reason: str | None, topic: str | None, since: datetime | None, until: datetime | None, id: str | None
) -> Callable[[Letter], bool]:
    """Give the test for the letters that a person means by these options."""
    return matching(reason=reason, topic=topic, since_ms=_epoch_ms(since), until_ms=_epoch_ms(until), id=id)


def _epoch_ms(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.replace(tzinfo=UTC).timestamp() * 1000)
