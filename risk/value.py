"""`value`, a dataclass for the path of every event; `by_name` makes one, `replace` a changed copy: quickly.

The standard library's frozen dataclass makes creating an object three times as slow, to prevent assignments
that nobody here makes. `mypy --strict`, part of `make test`, prevents them too, at no run-time cost. So the
type checker sees the standard library's decorator, and the interpreter one that creates the same class,
comparable and hashable by its fields, without the guard (ADR 10).

Calling a class with names makes a dictionary of them each time, and takes more than twice as long; calling a
function does not. So a row of many fields is made by a function that is written out for its class, as
dataclasses write out a constructor (ADR 83).
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, TypeVar

Value = TypeVar("Value")

if TYPE_CHECKING:
    from dataclasses import dataclass as value
    from dataclasses import replace

    def by_name(kind: type[Value]) -> type[Value]:
        """Return what makes values of `kind`: its constructor, every argument by name."""
        return kind
else:

    def value(*, frozen: bool, slots: bool) -> Any:
        """Return a value class; a frozen one is hashable, like the standard library's."""
        return dataclasses.dataclass(slots=slots, unsafe_hash=frozen)

    def by_name(kind: type) -> Any:
        """Return what makes values of `kind`, every argument by name, as quickly as its constructor."""
        fields = dataclasses.fields(kind)
        needed = [each for each in fields if each.default is dataclasses.MISSING]
        rest = [each for each in fields if each.default is not dataclasses.MISSING]
        names = [each.name for each in needed] + [f"{each.name}=_{each.name}" for each in rest]
        lines = [f"_made.{each.name} = {each.name}" for each in fields]
        defaults = {f"_{each.name}": each.default for each in rest}
        return _written(kind, f"*, {', '.join(names)}", lines, defaults)

    def replace(whole: Any, **changes: Any) -> Any:
        """Return a copy of a value with these fields changed."""
        kind = type(whole)
        copied = COPIERS.get(kind)
        if copied is None:
            lines = [f"_made.{each.name} = _whole.{each.name}" for each in dataclasses.fields(kind)]
            copied = COPIERS[kind] = _written(kind, "_whole", lines, {})
        made = copied(whole)
        for name, changed in changes.items():
            setattr(made, name, changed)
        return made

    # Of each class, what copies a value of it.
    COPIERS: dict[type, Any] = {}

    def _written(kind: type, takes: str, lines: list[str], known: dict[str, Any]) -> Any:
        """Return a function that takes `takes`, and makes a value of `kind` by `lines`.

        What is no field's name begins with an underscore.
        """
        text = "\n    ".join([f"def _write({takes}):", "_made = _new(_kind)", *lines, "return _made"])
        names = known | {"_kind": kind, "_new": object.__new__}
        exec(text, names)  # noqa: S102  # nothing stands in it but the names of our own fields
        return names["_write"]
