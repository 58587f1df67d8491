"""A file in, the same file back, ranked: by the same rules, without Kafka."""
