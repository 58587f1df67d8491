"""`value`, a dataclass for the path of every event: frozen to the type checker, and quick where it runs.

The frozen dataclass of the standard library pays for each field of each object that is made, three
times over in all, to refuse what nobody here does. `mypy --strict`, which is part of `make test`,
refuses it too, and costs nothing at run time. So the type checker sees the standard library's
decorator, and the interpreter one that makes the same class, comparable and hashable by its
fields, without the guard (ADR 10).
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as value
else:

    def value(*, frozen: bool, slots: bool) -> Any:
        """Make a value class: one that is frozen can be hashed, as the standard library's can."""
        return dataclasses.dataclass(slots=slots, unsafe_hash=frozen)
