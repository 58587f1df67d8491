"""The end of a log, for an error message."""

from __future__ import annotations

from pathlib import Path

LAST_LINES = 15
TAIL_BYTES = 64 * 1024


def last_lines(path: Path, count: int = LAST_LINES) -> str:
    """Return the last informative lines, without Java's stack traces."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return "  (no log was written)"
    lines = [line for line in text.splitlines() if line.strip() and not _is_stack_frame(line)]
    return "\n".join(f"  {line}" for line in lines[-count:]) or "  (the log is empty)"


def _is_stack_frame(line: str) -> bool:
    return line.lstrip().startswith(("at ", "... ")) and line[0].isspace()
