"""Fixtures of the tests of the lookup."""

from tests.unit.lookup.a_register import persons

__all__ = ["persons"]
