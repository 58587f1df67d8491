"""No test gives up on a broker, a board or a process sooner than a busy machine takes."""

from __future__ import annotations

import ast
import re
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
# A bound of the product, as a test sets it by `monkeypatch.setattr`.
BOUND = re.compile(r"(?:^|[._])(?:WITHIN|PATIENCE|TIMEOUT|DEADLINE)(?:_[A-Z]+)*_S$")
SEEN_TO_THEIR_END = {
    # How soon a broker or a member that is gone is noticed: nobody waits for an answer by it.
    "'broker.session.timeout.ms': '4000'",
    "'controller.quorum.fetch.timeout.ms': '2000'",
    "'group.min.session.timeout.ms': '1000'",
    "'session.timeout.ms': 3000",
    # Nothing may come: that it does not is what is tried.
    "client.list_topics(timeout=2)",
    "rows.result(timeout=1)",
    "stable.committed(place, 0.5)",
    # A pause between two of something.
    "stop.wait(0.2)",
    # Of a broker that stands still.
    "monkeypatch.setattr(append, 'APPENDED_WITHIN_S', 1.0)",
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


def short_bounds(tree: ast.Module) -> Iterator[ast.Call]:
    """Yield each call that sets a bound of the product to less than a minute."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "setattr":
            *_, name, value = [ast.Constant(""), ast.Constant(""), *call.args]
            if isinstance(name, ast.Constant) and BOUND.search(str(name.value)) and _is_short(value):
                yield call


def short_time_outs(tree: ast.Module) -> Iterator[ast.Dict]:
    """Yield each time-out of a client of Kafka's below a minute, as a dictionary of its own."""
    for held in (node for node in ast.walk(tree) if isinstance(node, ast.Dict)):
        for key, value in zip(held.keys, held.values, strict=True):
            named = isinstance(key, ast.Constant) and str(key.value).endswith("timeout.ms")
            if named and _is_short(value, SHORTEST_S * 1000):
                yield ast.Dict([key], [value], lineno=value.lineno)


def _is_short(bound: ast.expr, shortest: float = SHORTEST_S) -> bool:
    value = bound.value if isinstance(bound, ast.Constant) else None
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    return isinstance(value, int | float) and value < shortest


def test_nothing_real_is_waited_for_less_than_a_minute() -> None:
    short = [
        f"{path.relative_to(TESTS)}:{call.lineno}: {said}"
        for folder in REAL
        for path in sorted((TESTS / folder).rglob("*.py"))
        for found in (short_waits, short_bounds, short_time_outs)
        for call in found(ast.parse(path.read_text("utf-8")))
        if (said := ast.unparse(call).strip("{}")) not in SEEN_TO_THEIR_END
    ]

    assert short == []


def test_a_short_wait_is_found_wherever_its_bound_stands() -> None:
    found = short_waits(ast.parse("until(ready, 30, 'it')\nprocess.wait(within_s=8)\nprocess.wait(300)"))

    assert [call.lineno for call in found] == [1, 2]


def test_a_short_bound_is_found_where_a_test_sets_it() -> None:
    found = short_bounds(
        ast.parse(
            'm.setattr(append, "APPENDED_WITHIN_S", 5)\nm.setattr("a.b.ANSWER_TIMEOUT_S", 0.5)\n'
            'm.setattr(append, "APPENDED_WITHIN_S", 600)\nm.setattr(folder, "SETTLED_S", 0.1)\n'
            'm.setattr(append, "APPENDED_WITHIN_S", PATIENCE_S)'
        )
    )

    assert [call.lineno for call in found] == [1, 2]


def test_a_short_time_out_of_a_client_is_found() -> None:
    found = short_time_outs(
        ast.parse(
            'a = {"message.timeout.ms": 5000}\nb = {**a, "request.timeout.ms": "900"}\n'
            'c = {"x.timeout.ms": 90000}'
        )
    )

    assert [ast.unparse(each) for each in found] == [
        "{'message.timeout.ms': 5000}",
        "{'request.timeout.ms': '900'}",
    ]
