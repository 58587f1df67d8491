"""Checks that data of a schema can be decoded within bounds, whatever the bytes.

A registry holds whatever anybody registered, and a record names the schema to decode it with. A few bytes
must not exhaust a reader's stack or memory: a recursive schema is followed as deep as the bytes say, and a
list of zero-byte items is as long as its count says.
"""

from __future__ import annotations

from typing import Any

# Ours are five levels deep.
DEEPEST = 32
LARGEST_TEXT = 1024 * 1024


class Unbounded(ValueError):
    """None of our programs writes such a schema, and decoding by it may never end."""


def check(parsed: Any) -> None:
    """Refuse a schema parsed by fastavro that is recursive, too deep, or has zero-byte items.

    Raises:
        Unbounded: it is so.

    """
    _takes_bytes(parsed, frozenset(), 0)


def _takes_bytes(schema: Any, within: frozenset[str], depth: int) -> bool:
    """Return whether every value of `schema` takes at least one byte; `within`: the enclosing types."""
    if depth > DEEPEST:
        raise Unbounded("a schema that is too deep")
    if isinstance(schema, str):
        if schema in within:
            raise Unbounded("a schema within itself")
        return schema != "null"  # any other name is of a type already checked
    if isinstance(schema, list):
        for branch in schema:
            _takes_bytes(branch, within, depth + 1)
        return True  # the index of the branch
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
