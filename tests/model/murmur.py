"""Where a key belongs: murmur2, as Java's producer and librdkafka's `murmur2_random` place it."""

from __future__ import annotations

from functools import lru_cache

MULTIPLIER, ROTATION, SEED, MASK = 0x5BD1E995, 24, 0x9747B28C, 0xFFFFFFFF


@lru_cache(maxsize=100_000)
def partition_of(key: bytes | None, partitions: int) -> int:
    """Return the partition of `key`; the first where there is none."""
    return 0 if key is None else (_murmur2(key) & 0x7FFFFFFF) % partitions


def _murmur2(data: bytes) -> int:
    length = len(data)
    hashed = SEED ^ length
    whole = length & ~3
    for place in range(0, whole, 4):
        word = int.from_bytes(data[place : place + 4], "little") * MULTIPLIER & MASK
        word = (word ^ word >> ROTATION) * MULTIPLIER & MASK
        hashed = (hashed * MULTIPLIER & MASK) ^ word
    if length != whole:
        hashed = (hashed ^ int.from_bytes(data[whole:], "little")) * MULTIPLIER & MASK
    hashed = (hashed ^ hashed >> 13) * MULTIPLIER & MASK
    return hashed ^ hashed >> 15
