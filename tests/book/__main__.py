"""Write into the book's pages what the rules give, where they say something else: `python -m tests.book`.

For review: a cell may hold anything before, a question mark as well, and a rule that is wrong is written down
as readily as one that is right. Whoever commits it has read each line that changed.
"""

from __future__ import annotations

import sys

import pytest

from tests.book import pages


class Writer:
    """Writes each cell that differs into its line, and says which."""

    def __init__(self) -> None:
        self.written = 0

    def differs(self, case: pages.Row, found: dict[str, str]) -> list[str]:
        """Write what is `found`; return nothing that differs."""
        page, _, number = case.place.partition(":")
        lines = (pages.BOOK / page).read_text("utf-8").splitlines(keepends=True)
        cells = lines[int(number) - 1].strip().removeprefix("| ").removesuffix(" |").split(" | ")
        for place, (column, said) in enumerate(case.cells.items()):
            if (value := found.get(column, said)) != said:
                cells[place] = value
                self.written += 1
                sys.stdout.write(f"{case.place}: {column} was {said}, is {value}\n")
        lines[int(number) - 1] = f"| {' | '.join(cells)} |\n"
        (pages.BOOK / page).write_text("".join(lines), "utf-8")
        return []


if __name__ == "__main__":
    writer = Writer()
    pages.differs = writer.differs
    code = pytest.main(["-q", "-n", "0", "-p", "no:cacheprovider", "tests/book", *sys.argv[1:]])
    sys.stdout.write(f"{writer.written} cells written\n")
    sys.exit(code)
