"""`value`, a dataclass for the path of every event: frozen to the type checker, and quick where it runs.

The standard library's frozen dataclass makes creating an object three times as slow, to prevent assignments
that nobody here makes. `mypy --strict`, part of `make test`, prevents them too, at no run-time cost. So the
type checker sees the standard library's decorator, and the interpreter one that creates the same class,
comparable and hashable by its fields, without the guard (ADR 10).
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as value
else:

    def value(*, frozen: bool, slots: bool) -> Any:
        """Return a value class; a frozen one is hashable, like the standard library's."""
        return dataclasses.dataclass(slots=slots, unsafe_hash=frozen)
