"""Describes how a file was read, so that a person sees at a glance how it was interpreted."""

from __future__ import annotations

from eropaf_client.files.columns import Lines


def understood(form: str, lines: Lines) -> str:
    """Return, for instance, `semicolons, comma decimals, Windows-1252: 3,412 rows`."""
    noted = [f"{counted(number, 'cell')} {what}" for what, number in lines.noted.most_common()]
    return "; ".join([f"{form}: {counted(lines.count, 'row')}", *noted])


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return `number` with its noun, as in `1 row`, `3,412 rows`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
