"""What cannot be used is set aside, counted, and said where it is; what could be used later is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from eropaf_client.schemas.aside import MOST_PLACES, Asides, SetAside
from eropaf_client.schemas.errors import RegistryUnavailable, WrongMagic


@dataclass
class Message:
    stored: bytes | None
    at: int = 7

    def value(self) -> bytes | None:
        return self.stored

    def topic(self) -> str:
        return "outreach.claims"

    def partition(self) -> int:
        return 2

    def offset(self) -> int:
        return self.at


def raising(error: Exception) -> Any:
    def read(data: bytes | None) -> int:
        raise error

    return read


def test_what_cannot_be_used_is_counted_and_its_place_told() -> None:
    told: list[SetAside] = []
    asides = Asides(told.append)

    assert asides.usable(Message(b"x"), raising(WrongMagic("no"))) is None
    assert asides.usable(Message(b"x", 8), raising(OverflowError("2**62"))) is None
    assert asides.usable(Message(b"12", 9), lambda data: len(data)) == 2

    assert [str(each) for each in told] == [
        "outreach.claims-2-7 (wrong-magic)",
        "outreach.claims-2-8 (unusable)",
    ]
    assert asides.total == 2


def test_a_registry_that_is_away_sets_nothing_aside() -> None:
    asides = Asides()

    with pytest.raises(RegistryUnavailable):
        asides.usable(Message(b"x"), raising(RegistryUnavailable("later")))
    assert not asides


def test_a_flood_is_counted_whole_and_told_of_in_part() -> None:
    told: list[SetAside] = []
    asides = Asides(told.append)

    for at in range(10_000):
        asides.usable(Message(b"x", at), raising(WrongMagic("no")))

    assert asides.total == 10_000
    assert len(told) == len(asides.first) == MOST_PLACES


def test_what_two_readers_set_aside_is_counted_together() -> None:
    one, other = Asides(), Asides()
    for asides in (one, other, other):
        asides.usable(Message(b"x"), raising(WrongMagic("no")))

    both = one.beside(other)

    assert both.total == 3
    assert len(both.first) == 3
    assert one.total == 1
