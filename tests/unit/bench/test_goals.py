"""Which goals a run of some engines shows: those of the peers that were measured, and no other."""

import pytest

from bench.measure import Throughput
from bench.report import as_markdown
from bench.results import OfEngine, Results


def _engine(title: str, cpu_us: float) -> OfEngine:
    one = Throughput(
        events_per_s=1e6 / cpu_us, cpu_us=cpu_us, broker_cpu_us=10.0, rss_mib=100.0, warm=1, seconds=1.0
    )
    return OfEngine(title, "exactly once", 100, [one])


@pytest.mark.parametrize(
    ("name", "cpu_us", "line"),
    [
        ("franz_go", 20.0, "| processor time: Ours against peer | ≤ 150% | 150% |"),
        ("flink", 60.0, "| processor time: Ours against peer | ≤ 100% | 50% |"),
        ("kafka_streams_fused", 60.0, "| processor time: Ours against peer | ≤ 50% | 50% |"),
    ],
)
def test_processor_time_is_held_against_each_peer_that_ran(name: str, cpu_us: float, line: str) -> None:
    results = Results(10, 100, 1, {"eropaf": _engine("Ours", 30.0), name: _engine("peer", cpu_us)})

    told = [each for each in as_markdown(results).splitlines() if each.startswith("| processor time")]

    assert told == [line]
