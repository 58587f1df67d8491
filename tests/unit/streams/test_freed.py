"""What a restore freed is not kept from others."""

from __future__ import annotations

import platform

import psutil
import pytest

from eropaf.streams.state.freed import give_back

MB = 1_000_000


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries give memory back themselves")
def test_memory_below_an_object_that_lives_is_given_back() -> None:
    own = psutil.Process()
    give_back()
    before = own.memory_info().rss
    read = [bytes(1000) for _ in range(100_000)]
    lives = read[-1]
    assert own.memory_info().rss - before > 80 * MB

    del read
    give_back()

    assert own.memory_info().rss - before < 40 * MB
    assert len(lives) == 1000
