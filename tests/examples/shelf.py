"""The programs in `examples/`: what each shows, needs and prints, and the page that lists them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

REPO = Path(__file__).parents[2]
EXAMPLES = REPO / "examples"
PAGE = EXAMPLES / "README.md"

# Folder -> who looks there, in the order of the page.
READERS = {
    "creditor": "For a creditor's engineer",
    "outreach": "For whoever makes an outreach tool",
    "operator": "For an operator",
    "policy": "For a policy officer",
    "developer": "For the developer of an agent",
}
NEEDS = "# Needs a running Eropaf: EROPAF_BOOTSTRAP, and workers (`eropaf run`)."
PRINTS = "# Prints:\n"


@dataclass(frozen=True, slots=True)
class Example:
    """One program, of one use."""

    file: Path

    @property
    def name(self) -> str:
        return str(self.file.relative_to(EXAMPLES))

    @property
    def text(self) -> str:
        return self.file.read_text("utf-8")

    @property
    def shows(self) -> str:
        """Its first sentence: the docstring of a Python program, the first comment of a shell script."""
        if self.file.suffix == ".sh":
            return self.text.splitlines()[0].removeprefix("# ")
        return (ast.get_docstring(ast.parse(self.text)) or "").splitlines()[0]

    @property
    def needs_kafka(self) -> bool:
        return NEEDS in self.text

    @property
    def prints(self) -> str:
        """What it says that it prints, in the comment at its end."""
        _, _, block = self.text.rpartition(PRINTS)
        return "".join(line.removeprefix("#").removeprefix(" ") for line in block.splitlines(keepends=True))


def every() -> list[Example]:
    """Return every example, in the order of the page."""
    return [
        Example(file)
        for folder in READERS
        for file in sorted((EXAMPLES / folder).iterdir())
        if file.suffix in (".py", ".sh")
    ]


def page() -> str:
    """Return the table of contents as it must be."""
    lines = [
        "# Examples",
        "",
        "One use each, 40 lines at most, with what it prints at its end. CI runs every one and compares.",
        "`make examples` writes this page from the programs' own first sentences.",
        "",
        "Those marked *live* need a running Eropaf: `eropaf kafka up`, then `eropaf run`, as in the",
        "[README](../README.md).",
        "The others run as they stand: `python examples/creditor/check_a_signal.py`.",
    ]
    examples = every()
    for folder, title in READERS.items():
        lines += ["", f"## {title}", "", "| to | open |", "|---|---|"]
        for each in examples:
            if each.file.parent.name == folder:
                live = " *live*" if each.needs_kafka else ""
                lines.append(f"| {each.shows} | [{each.file.stem}]({each.name}){live} |")
    return "\n".join(lines) + "\n"
