"""When a rate is more than an engine carries, and which percentiles so many samples hold up."""

import pytest

from bench.pacing import Latency, percentile
from bench.results import LEAST_FOR_P999, percentiles


@pytest.mark.parametrize(
    ("samples", "grew"),
    [
        ([100.0] * 900, False),
        ([100.0] * 300 + [900.0] * 300 + [240.0] * 300, False),
        ([100.0] * 600 + [260.0] * 300, True),
        ([float(each) for each in range(900)], True),
        ([], True),
    ],
    ids=["steady", "one long pause", "slower at the end", "a queue that grows", "nothing came out"],
)
def test_a_queue_that_grows_is_seen_in_the_last_third(samples: list[float], grew: bool) -> None:
    assert Latency(1_000.0, samples).grew is grew


def test_a_p999_stands_where_all_rounds_together_have_samples_enough() -> None:
    few, many = Latency(1.0, [1.0] * (LEAST_FOR_P999 // 2 - 1)), Latency(1.0, [3.0] * (LEAST_FOR_P999 // 2))

    assert percentiles([few, many]) == [2.0, 2.0]
    assert percentiles([many, many]) == [3.0, 3.0, 3.0]
    assert percentiles([Latency(1.0)]) == []


def test_a_percentile_is_a_sample() -> None:
    assert percentile([3.0, 1.0, 2.0, 4.0], 0.5) == 3.0
    assert percentile([1.0, 2.0], 1.0) == 2.0
