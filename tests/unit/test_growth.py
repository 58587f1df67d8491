from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.soak.growth import HOUR_S, Growth, Samples, growth, growth_of_count
from tests.soak.judged import MEMORY, judged


def samples(per_hour: float, noise: float, seed: int, seconds: int = 900) -> Samples:
    dice = Random(seed)
    return [(at, 100 + per_hour * at / HOUR_S + dice.gauss(0, noise)) for at in range(0, seconds, 2)]


@given(st.floats(-50, 50), st.integers(0, 1_000))
def test_a_slope_is_found_and_lies_below_its_bound_nearly_always(per_hour: float, seed: int) -> None:
    found = growth(samples(per_hour, 0.2, seed))

    assert found.per_hour == pytest.approx(per_hour, abs=1.5)
    assert found.per_hour <= found.at_most <= found.per_hour + 2


@pytest.mark.parametrize("of", [growth, growth_of_count])
def test_what_stays_as_it_is_does_not_grow_at_all(of: Callable[[Samples], Growth]) -> None:
    assert of([(at, 41.0) for at in range(100)]).at_most == 0


def test_what_is_filled_at_first_is_no_growth() -> None:
    filled = [(float(at), min(at, 100) / 100 * 50) for at in range(900)]

    assert growth(filled).at_most == 0


def test_a_moments_peak_is_no_growth() -> None:
    peaks = [(float(at), 500.0 if at in (700, 701, 850) else 100.0) for at in range(900)]

    assert growth(peaks).at_most == 0


def test_what_grew_with_each_batch_would_have_been_found() -> None:
    # 84 bytes a batch, ten batches a second and stage, five stages: in MiB.
    leak = [(float(at), 120 + at * 84 * 10 * 5 / 2**20) for at in range(5_400)]

    assert growth(leak).at_most > 10


def test_a_number_that_goes_up_and_down_does_not_grow() -> None:
    dice = Random(1)

    assert growth_of_count([(at, 40.0 + dice.randrange(5)) for at in range(900)]).at_most == 0


def test_one_more_of_a_thing_by_the_end_is_growth() -> None:
    dice = Random(1)
    leak = [(float(at), 40.0 + at // 300 + dice.randrange(5)) for at in range(900)]

    assert growth_of_count(leak).at_most > 0


def test_too_few_samples_say_nothing() -> None:
    with pytest.raises(ValueError, match="10 samples are too few"):
        growth([(at, 1.0) for at in range(10)])


def test_memory_may_grow_a_mebibyte_an_hour_and_what_is_counted_not_at_all() -> None:
    grows = {
        ("worker 1", MEMORY): [(at, 100 + 0.9 * at / HOUR_S) for at in range(3_600)],
        ("worker 2", MEMORY): [(at, 100 + 1.1 * at / HOUR_S) for at in range(3_600)],
        ("worker 2", "threads"): [(at, 10.0 + at // 600) for at in range(3_600)],
        ("worker 3", "threads"): [(at, 10.0) for at in range(60)],
    }

    found = judged(grows, at_least_s=600)

    assert [(each.process, each.what, each.good) for each in found] == [
        ("worker 1", MEMORY, True),
        ("worker 2", MEMORY, False),
        ("worker 2", "threads", False),
    ]
