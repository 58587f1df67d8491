"""Print how large files and functions are, and how much is test: `python -m tests.shape f96a281 HEAD`.

Lines of code are those of Python that say something: neither empty, nor only a comment. What is in `tests/`,
`bench/` and `examples/` is no product; tests are `tests/` alone.
"""

from __future__ import annotations

import ast
import io
import statistics
import subprocess
import sys
import tarfile

from tests.integration.processes import REPO


def sources(commit: str) -> dict[str, str]:
    """Return every Python file of a commit by its path, each once."""
    packed = subprocess.run(["git", "archive", commit], cwd=REPO, capture_output=True, check=True).stdout
    found = {}
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive.getmembers():
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None and member.name.endswith(".py"):
                found[member.name] = content.read().decode()
    return found


def lines_of(text: str) -> int:
    """Return how many lines say something."""
    return sum(bool(line.strip()) and not line.strip().startswith("#") for line in text.splitlines())


def row(commit: str) -> str:
    """Return a commit's figures, as a row in Markdown."""
    files = sources(commit)
    product = {
        name: text for name, text in files.items() if not name.startswith(("tests/", "bench/", "examples/"))
    }
    functions = sorted(
        (node.end_lineno or node.lineno) - node.lineno + 1
        for text in product.values()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    sizes = [text.count("\n") for text in product.values()]
    longest = max(text.count("\n") for text in files.values())
    code = sum(map(lines_of, product.values()))
    tests = sum(lines_of(text) for name, text in files.items() if name.startswith("tests/"))
    figures = (
        *(len(product), f"{statistics.median(sizes):.0f}", max(sizes), longest),
        *(f"{statistics.median(functions):.0f}", functions[len(functions) * 9 // 10], functions[-1]),
        *(code, tests, f"{tests / code:.2f}"),
    )
    return f"| {commit} | " + " | ".join(map(str, figures)) + " |"


if __name__ == "__main__":
    columns = "commit files median longest any function-median function-90% function-longest code tests ratio"
    sys.stdout.write("| " + columns.replace(" ", " | ") + " |\n" + "|---" * 11 + "|\n")
    for each in sys.argv[1:] or ["HEAD"]:
        sys.stdout.write(row(each) + "\n")
