"""What a creditor's topic holds: one signal with very many versions costs the others nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from eropaf.gateway.known import MOST_VERSIONS_SHOWN, Known, Look, Place

MANY = 1_000


class Version(int):
    """A version that counts how often it is compared."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        Version.compared += 1
        return int(self) == other

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(int(self))


def known(versions: Iterable[int], stored_at_ms: int = 0) -> Known:
    found = Known()
    for each in versions:
        found.take("S-1", place(each, stored_at_ms))
    return found


def place(version: int, stored_at_ms: int = 0) -> Place:
    return Place(version, b"%d" % version, "C-1", "RENT", "LANDLORD", 0, version, stored_at_ms)


def shown(found: Known) -> list[int]:
    return [each.version for each in asyncio.run(found.of("S-1"))]


def test_a_version_is_compared_with_no_others_of_its_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Version, "compared", 0)

    found = known(map(Version, range(MANY)))
    looks = {found.look("S-1", Version(each), b"%d" % each) for each in range(MANY)}

    assert looks == {Look.SAME}
    assert Version.compared < 5 * MANY


@pytest.mark.parametrize("versions", [range(1, MANY), range(MANY - 1, 0, -1)])
def test_of_very_many_versions_the_newest_are_shown(versions: Iterable[int]) -> None:
    assert shown(known(versions)) == list(range(MANY - MOST_VERSIONS_SHOWN, MANY))


def test_what_is_shown_was_not_forgotten() -> None:
    found = known(range(500, 500 + 2 * MOST_VERSIONS_SHOWN), stored_at_ms=1)
    for version in range(3):
        found.take("S-1", place(version, stored_at_ms=9))

    found.forget(5)

    assert shown(found) == [0, 1, 2]
    assert found.look("S-1", 500, b"500") is Look.NEW


def test_each_signal_goes_with_its_own_day_whatever_was_read_before_it() -> None:
    """At a start one partition is read after the other, and a signal may have older and newer versions."""
    found = Known()
    found.take("new", place(1, stored_at_ms=9))
    found.take("old", place(1, stored_at_ms=1)._replace(partition=1))
    found.take("both", place(1, stored_at_ms=2)._replace(partition=1))
    found.take("both", place(2, stored_at_ms=7)._replace(partition=1))
    found.take("later", place(1, stored_at_ms=9)._replace(partition=1))

    found.forget(5)
    assert [len(asyncio.run(found.of(each))) for each in ("new", "old", "both", "later")] == [1, 0, 1, 1]
    found.forget(8)
    assert [len(asyncio.run(found.of(each))) for each in ("new", "old", "both", "later")] == [1, 0, 0, 1]
    found.forget(10)
    assert len(found) == 0


def test_of_two_with_one_version_the_first_holds() -> None:
    found = known([1])
    found.take("S-1", place(1)._replace(digest=b"other"))

    assert found.look("S-1", 1, b"1") is Look.SAME
    assert found.look("S-1", 1, b"other") is Look.OTHER
