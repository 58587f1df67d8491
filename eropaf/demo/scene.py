"""What the demo shows: a moving list in a terminal, a line now and then in a pipe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from rich.console import Console, Group
from rich.text import Text

from eropaf.demo.news import News
from eropaf.demo.outreach import Rounds
from eropaf.demo.watcher import Watcher
from eropaf.rank.screen import table

MOST_LIST_ROWS = 15
FEWEST_ROWS = 3
# Around the rows: the table's own lines, the last line, and the prompt.
OTHER_LINES = 8


class Scene:
    """Draws the demo on `console`: what `watcher` sees, and the `news` about it."""

    def __init__(self, console: Console, watcher: Watcher, news: News, rounds: Rounds | None) -> None:
        self._console = console
        self._watcher = watcher
        self._news = news
        self._rounds = rounds

    def say(self, *lines: str) -> None:
        """Print lines as they are."""
        for line in lines:
            self._console.print(line, markup=False, highlight=False)

    def frame(self, today: date, sent: int, over: bool) -> Group:
        """Draw the current state: `sent` events up to `today`; `over`: the month has ended."""
        console = self._console
        with self._watcher.lock:
            *above, last = self.lines(today, sent, over)
            told = [Text(line) for line in above]
            taken = sum(len(line.wrap(console, console.width)) for line in told)
            rows = max(FEWEST_ROWS, min(MOST_LIST_ROWS, console.height - taken - OTHER_LINES))
            changed = self._news.changed()
            shown = table(self._watcher.ranking, None, rows, console.width, changed)
        return Group(*told, shown, Text(last, "bold" if over else ""))

    def lines(self, today: date, sent: int, over: bool) -> Iterator[str]:
        """Yield the same in words."""
        seen = self._watcher
        yield (
            f"{today.day} {today:%B %Y}: {sent:,} events in, {len(seen.updates):,} updates out, "
            f"{len(seen.ranking):,} on the list"
        )
        half, most = seen.latency_s(0.5), seen.latency_s(0.99)
        if half is not None and most is not None:
            # The feed waits for what it sent: a flow that is slow is fed more slowly.
            yield f"event to list at its own pace: half within {half:.2f} s, 99 of 100 within {most:.2f} s"
        if self._rounds is not None and (came := self._rounds.came_of)["tried"]:
            yield (
                f"the team: {came['tried']:,} visits and calls, {came['reached']:,} reached, "
                f"{came['accepted']:,} accept help"
            )
        if seen.rejected:
            # Each broken on purpose by the feed.
            which = ", ".join(reason.replace("-", " ") for reason in sorted(seen.rejected))
            yield f"set aside, stopping nobody: {seen.rejected.total()} broken records ({which})"
        if self._news.latest:
            yield self._news.latest
        yield "The month is over: look at the board, Ctrl-C ends." if over else "Ctrl-C ends."
