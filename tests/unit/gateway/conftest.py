"""Fixtures of the gateway's tests."""

from tests.unit.gateway.a_case_system import system
from tests.unit.gateway.a_cluster import cluster, identities

__all__ = ["cluster", "identities", "system"]
