"""Whether what a schema describes can be read within bounds, whatever the bytes say.

A registry holds whatever anybody registered, and a record names the schema that it is read by. A few bytes
of it must not cost a reader its stack or its life: a schema within itself is walked as deep as the bytes
say, and a list of items that take no bytes is as long as its count says.
"""

from __future__ import annotations

from typing import Any

# Ours are five levels deep.
DEEPEST = 32
LARGEST_TEXT = 1024 * 1024


class Unbounded(ValueError):
    """Nobody of ours writes such a schema, and reading by it may never end."""


def check(parsed: Any) -> None:
    """Refuse a schema, as fastavro parsed it, that is within itself, too deep, or has what takes no bytes.

    Raises:
        Unbounded: it is so.

    """
    _takes_bytes(parsed, frozenset(), 0)


def _takes_bytes(schema: Any, within: frozenset[str], depth: int) -> bool:
    """Return whether every value of `schema` takes a byte at least; `within` are types that it is part of."""
    if depth > DEEPEST:
        raise Unbounded("a schema that is too deep")
    if isinstance(schema, str):
        if schema in within:
            raise Unbounded("a schema within itself")
        return schema != "null"  # any other name is of a type that was looked at
    if isinstance(schema, list):
        for branch in schema:
            _takes_bytes(branch, within, depth + 1)
        return True  # which of them it is
    kind = schema["type"]
    if kind in ("record", "error"):
        inner = within | {schema["name"]}
        takes = any([_takes_bytes(field["type"], inner, depth + 1) for field in schema["fields"]])
    elif kind in ("array", "map"):
        takes = _takes_bytes(schema["items" if kind == "array" else "values"], within, depth + 1)
        takes = takes or kind == "map"  # whose keys do
    else:
        return _takes_plain_bytes(schema, within, depth)
    if not takes:
        raise Unbounded("a list or record whose values take no bytes")
    return True


def _takes_plain_bytes(schema: dict[str, Any], within: frozenset[str], depth: int) -> bool:
    kind = schema["type"]
    if kind == "fixed" and schema["size"] < 1:
        raise Unbounded("a fixed that takes no bytes")
    return kind in ("fixed", "enum") or _takes_bytes(kind, within, depth + 1)
