"""How much the product holds in this process: all objects that its modules and some roots lead to."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable
from types import BuiltinFunctionType, FrameType, FunctionType, MethodType, ModuleType
from typing import Any

OURS = ("eropaf.", "eropaf_client.")
# Code, and what is a module's own, is not gone through; nor is what only a test has.
CODE = (type, ModuleType, FrameType, BuiltinFunctionType)


def held_bytes(roots: Iterable[Any]) -> int:
    """Return the bytes of all objects that `roots` and the product's modules lead to."""
    seen: set[int] = set()
    others = {id(vars(module)) for name, module in sys.modules.items() if not name.startswith(OURS)}
    todo: list[Any] = [*roots]
    todo += [vars(module) for name, module in list(sys.modules.items()) if name.startswith(OURS)]
    size = 0
    while todo:
        each = todo.pop()
        if id(each) in seen or id(each) in others or isinstance(each, CODE) or _is_of_a_test(each):
            continue
        seen.add(id(each))
        size += sys.getsizeof(each)
        if isinstance(each, FunctionType):
            # A closure may hold something; its module's names it only shares.
            todo += [each.__closure__, each.__defaults__]
        elif isinstance(each, MethodType):
            todo.append(each.__self__)
        else:
            todo += gc.get_referents(each)
    return size


def _is_of_a_test(each: object) -> bool:
    return (type(each).__module__ or "").startswith("tests.")
