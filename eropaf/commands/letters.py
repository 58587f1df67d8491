"""Shared by the commands about rejected records: selecting them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Annotated

import typer

from eropaf.agents.topology import records_by_topic, stages
from eropaf.risk.refusal import Reason as OfTheRules
from eropaf.settings import Settings
from eropaf.streams.errors import LetterUnknown
from eropaf.streams.operate.letters import CLOSED, REPLAYED, Letter, matching
from eropaf.streams.runtime.dead_letter import NO_KEY, PROCESSING_FAILED, TOO_LARGE
from eropaf_client.schemas import errors

Reason = Annotated[str | None, typer.Option(help="One code from docs/reference/reasons.md.")]
Topic = Annotated[str | None, typer.Option(help="Topic the record was read from.")]
Since = Annotated[datetime | None, typer.Option(help="Records stored at or after this moment, UTC.")]
Until = Annotated[datetime | None, typer.Option(help="Records stored before this moment, UTC.")]
Id = Annotated[str | None, typer.Option("--id", help="One record, by its id in `eropaf rejected list`.")]


def known_reasons() -> set[str]:
    """Return every reason for which this version sets records aside."""
    undecodable = {error.reason for error in errors.Undecodable.__subclasses__()}
    return {*OfTheRules, *undecodable, TOO_LARGE, NO_KEY, PROCESSING_FAILED}


def chosen(
    settings: Settings,
    letters: Sequence[Letter],
    reason: str | None,
    topic: str | None,
    since: datetime | None,
    until: datetime | None,
    id: str | None,
) -> list[Letter]:
    """Return the letters selected by these options, including those dealt with.

    Raises:
        typer.BadParameter: the reason or topic is unknown, and no letter has it.
        LetterUnknown: no record with that id was ever set aside.

    """
    _check_reason(reason, {letter.reason for letter in letters})
    if id is not None and all(letter.id != id for letter in letters):
        raise unknown(id)
    _check_topic(settings, topic, {letter.topic for letter in letters})
    fits = matching(reason=reason, topic=topic, since_ms=_epoch_ms(since), until_ms=_epoch_ms(until), id=id)
    return [letter for letter in letters if fits(letter)]


def unknown(id: str) -> LetterUnknown:
    """Return the message for an id that no record has."""
    return LetterUnknown(f"no record {id} was rejected. `eropaf rejected list --all` names those that were")


def _check_reason(reason: str | None, found: set[str]) -> None:
    if reason is None or reason in known_reasons() | found:
        return
    if reason in (REPLAYED, CLOSED):
        raise typer.BadParameter(
            f"{reason} says what happened to a record, not why it was rejected: use --all"
        )
    near = get_close_matches(reason, known_reasons(), 1)
    perhaps = f" Is {near[0]} meant?" if near else ""
    raise typer.BadParameter(f"unknown reason {reason}.{perhaps} docs/reference/reasons.md lists them all")


def _check_topic(settings: Settings, topic: str | None, found: set[str]) -> None:
    flow = stages(settings.group, settings.creditors, settings.registry())
    known = found.union(records_by_topic(settings.group, flow))
    if topic is not None and topic not in known:
        near = get_close_matches(topic, known, 1)
        perhaps = f" Is {near[0]} meant?" if near else ""
        raise typer.BadParameter(f"the flow has no topic {topic}.{perhaps}")


def _epoch_ms(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.replace(tzinfo=UTC).timestamp() * 1000)
