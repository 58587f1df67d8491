"""A Kafka in memory: its clients, its broker, and a clock and a network that follow from a seed.

Read in this order: `world` (time, tasks, the network), `log`, `transactions`, `groups`, `broker`, `clients`.
It is held to the real Kafka by `tests/conformance`, which runs on both.
"""
