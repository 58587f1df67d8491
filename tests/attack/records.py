"""Records that decode and cannot be, records that do not decode, and records hurt by chance."""

from __future__ import annotations

import random
import time
import uuid
from typing import Any

from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import CLAIMS, OUTCOMES
from eropaf_client.schemas.wire import Codec
from tests.board.standing import key

NOW = int(time.time() * 1000)
GARBAGE: tuple[bytes | None, ...] = (
    b"x",
    b"",
    None,
    b"\x00\x00\x00\x00\x01" + b"\xff" * 40,
    b"\x00\x7f\xff\xff\xff" + b"no such schema",
)


def claim(**changes: Any) -> bytes:
    """Return a claim as it is stored."""
    known = {
        "claim_id": "c", "household": key(0), "before": None, "holder": "x", "holder_name": "X", "at": NOW,
    }  # fmt: skip
    return Codec[dict[str, Any]]("OutreachClaim", CLAIMS, LocalRegistry()).encode({**known, **changes})


def outcome(**changes: Any) -> bytes:
    """Return an outcome as it is stored."""
    attempt = {"channel": "VISIT", "reached": True, "on": NOW // 86_400_000, "day_part": "MORNING"}
    known = {
        "outcome_id": str(uuid.uuid4()), "household": key(0), "at": NOW, "picked_up_on": None,
        "attempt": {**attempt, **changes.pop("attempt", {})}, "result": None,
    }  # fmt: skip
    return Codec[dict[str, Any]]("OutreachOutcome", OUTCOMES, LocalRegistry()).encode({**known, **changes})


def hostile_claims() -> list[bytes | None]:
    """Return claims that no board can use: each would hold a household, were it taken."""
    return [
        *GARBAGE,
        outcome(),
        claim(at=2**62),
        claim(at=-(2**62)),
        claim(at=253_402_300_799_000),
        claim(holder_name="X" * 500_000),
        claim(holder="x" * 10_000),
        claim(household="h" * 100_000),
    ]


def hostile_outcomes() -> list[bytes | None]:
    """Return outcomes that no board can use."""
    return [
        *GARBAGE,
        claim(),
        outcome(at=2**62),
        outcome(at=-(2**62)),
        outcome(at=-62_135_596_800_000),
        outcome(picked_up_on=2**31 - 1),
        outcome(attempt={"on": -(2**31)}),
        outcome(attempt={"on": 2_932_896}),
        outcome(outcome_id="o" * 100_000),
    ]


def noise(chance: random.Random, seed: bytes) -> bytes:
    """Return a record that was hurt at a few places."""
    hurt = bytearray(seed)
    for _ in range(chance.randint(1, 6)):
        hurt[chance.randrange(len(hurt))] = chance.randrange(256)
    return bytes(hurt[: chance.randint(1, len(hurt))])
