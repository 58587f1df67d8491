"""A table in a page, written by what measured it: between `<!-- name -->` and `<!-- /name -->`."""

from __future__ import annotations

from pathlib import Path


def put(page: Path, name: str, table: str) -> None:
    """Write `table`, which ends its last line, in place of what stands there."""
    before, begin, after = page.read_text("utf-8").partition(f"<!-- {name} -->\n")
    _, end, after = after.partition(f"<!-- /{name} -->")
    if not begin or not end:
        raise ValueError(f"{page}: no place for {name}: <!-- {name} --> and <!-- /{name} -->, a line each")
    page.write_text(f"{before}{begin}{table}{end}{after}", "utf-8")
