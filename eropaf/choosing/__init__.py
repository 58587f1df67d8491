"""A policy's points, chosen on some simulated cities and judged on others."""
