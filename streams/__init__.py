"""The plumbing: Kafka in, Kafka out, state in between, and nothing lost or told twice.

Knows nothing of arrears. Faust gives agents, streams, services and their life cycle; transport,
checkpoints and restore are this package's own (ADR 1, ADR 2).
"""
