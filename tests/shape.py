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


def product_of(files: dict[str, str]) -> dict[str, str]:
    """Return what of a commit is product."""
    return {
        name: text for name, text in files.items() if not name.startswith(("tests/", "bench/", "examples/"))
    }


def said_of(files: dict[str, str]) -> dict[str, set[str]]:
    """Return the names of classes and functions, wherever they stand, with their docstrings."""
    said: dict[str, set[str]] = {}
    for text in product_of(files).values():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                said.setdefault(node.name, set()).add(ast.get_docstring(node) or "")
    return said


def changed(before: str, now: str) -> str:
    """Return which share of names is gone, and of the docstrings of those that stayed which share is."""
    old, new = said_of(sources(before)), said_of(sources(now))
    stayed = [name for name in old if name in new]
    docs = [(name, doc) for name in stayed for doc in old[name] if doc]
    gone = sum(doc not in new[name] for name, doc in docs)
    return (
        f"Of {len(old):,} names of {before} {1 - len(stayed) / len(old):.0%} are gone in {now}; "
        f"of {len(docs):,} docstrings of the others {gone / len(docs):.0%} read otherwise.\n"
    )


def row(commit: str) -> str:
    """Return a commit's figures, as a row in Markdown."""
    files = sources(commit)
    product = product_of(files)
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
    if len(sys.argv) == 3:
        sys.stdout.write("\n" + changed(*sys.argv[1:]))
