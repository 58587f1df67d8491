"""Measurements, each beside a check that what was measured is right."""
