"""Ranks a file by the same rules, without Kafka, and writes it back."""
