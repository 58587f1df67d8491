"""Faults on purpose: a seeded schedule of them on a running flow, and the oracle's word on what came out."""
