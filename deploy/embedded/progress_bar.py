"""A progress bar for a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn


class Bar:
    """Shows a fetch as a bar, on standard error."""

    def __init__(self) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._task = self._bar.add_task("", visible=False)

    def begin(self, what: str, size: int) -> None:
        """Show the bar."""
        self._bar.update(self._task, description=what, total=size, visible=True)
        self._bar.start()

    def advance(self, size: int) -> None:
        """Move the bar."""
        self._bar.advance(self._task, size)

    def end(self) -> None:
        """Leave the bar as it is."""
        self._bar.stop()

    def note(self, text: str) -> None:
        """Print a line."""
        self._bar.console.print(text, markup=False, highlight=False)
