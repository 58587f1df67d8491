"""No test gives up on a broker, a board or a process sooner than a busy machine takes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
REAL = ("attack", "board", "chaos", "conformance", "examples", "integration", "matrix", "soak")
SHORTEST_S = 60
# What waits until something is there, and its bound: as the argument at this place, or by one of these names.
WAITS = {
    "until": 1, "wait": 0, "join": 0, "flush": 0, "result": 0, "committed": 1, "init_transactions": 0,
    "commit_transaction": 0, "abort_transaction": 0, "send_offsets_to_transaction": 2, "command": -1,
    "wait_for": 1, "create_connection": -1, "list_topics": -1, "run": -1,
}  # fmt: skip
NAMES = {"timeout", "within_s", "request_timeout"}
SEEN_TO_THEIR_END = {
    # Nothing may come: that it does not is what is tried.
    "client.list_topics(timeout=2)",
    "rows.result(timeout=1)",
    "stable.committed(place, 0.5)",
    # A pause between two of something.
    "stop.wait(0.2)",
}


def short_waits(tree: ast.Module) -> Iterator[ast.Call]:
    """Yield each call that waits for less than a minute, and says so itself."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name not in WAITS:
            continue
        at = WAITS[name]
        bounds = [*(call.args[at : at + 1] if at >= 0 else ())]
        bounds += [keyword.value for keyword in call.keywords if keyword.arg in NAMES]
        yield from (call for bound in bounds if _is_short(bound))


def _is_short(bound: ast.expr) -> bool:
    value = bound.value if isinstance(bound, ast.Constant) else None
    return isinstance(value, int | float) and value < SHORTEST_S


def test_nothing_real_is_waited_for_less_than_a_minute() -> None:
    short = [
        f"{path.relative_to(TESTS)}:{call.lineno}: {said}"
        for folder in REAL
        for path in sorted((TESTS / folder).rglob("*.py"))
        for call in short_waits(ast.parse(path.read_text("utf-8")))
        if (said := ast.unparse(call)) not in SEEN_TO_THEIR_END
    ]

    assert short == []


def test_a_short_wait_is_found_wherever_its_bound_stands() -> None:
    found = short_waits(ast.parse("until(ready, 30, 'it')\nprocess.wait(within_s=8)\nprocess.wait(300)"))

    assert [call.lineno for call in found] == [1, 2]
