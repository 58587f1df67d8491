"""Fixtures of the tests of forwarding."""

from tests.unit.forwarding.a_municipality import other

__all__ = ["other"]
