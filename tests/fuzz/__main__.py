"""Fuzz one target, guided by coverage: `python -m tests.fuzz TARGET RUNS SECONDS [CORPUS]`.

Ends by itself after RUNS inputs or SECONDS. A finding is an exception, an input that takes over ten
seconds, or more than a gigabyte; libFuzzer writes the input that did it beside the corpus, and it becomes a
test in `tests/fuzz/test_findings.py`.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

import atheris

from tests.as_written import use_rules_as_written

# What is compiled is closed to the fuzzer's eyes.
use_rules_as_written()

with atheris.instrument_imports(
    include=["csv", "eropaf", "eropaf_client", "json", "openpyxl", "tomllib"],
    enable_loader_override=False,
):
    from tests.fuzz.seeds import seeds
    from tests.fuzz.targets import TARGETS

LARGEST_BYTES = 4096
SLOWEST_S = 10
MOST_MB = 1024
TELL_EVERY = 10_000


def main(target: str, runs: str, seconds: str, corpus: str | None = None) -> None:
    """Fuzz `target` within bounds."""
    read = TARGETS[target]
    outcomes: Counter[str] = Counter()
    folder = Path(corpus or tempfile.mkdtemp(prefix=f"eropaf-corpus-{target}-"))
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(target)):
        (folder / f"seed-{number}").write_bytes(seed)

    def one(data: bytes) -> None:
        outcomes[read(data)] += 1
        if outcomes.total() % TELL_EVERY == 0:  # libFuzzer ends the process without telling Python
            summary = {"target": target, "inputs": outcomes.total(), "outcomes": dict(outcomes.most_common())}
            print(json.dumps(summary), flush=True)

    bounds = [
        f"-max_len={LARGEST_BYTES}",
        f"-timeout={SLOWEST_S}",
        f"-rss_limit_mb={MOST_MB}",
        f"-runs={runs}",
        f"-max_total_time={seconds}",
        f"-artifact_prefix={folder}/finding-",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *bounds, str(folder)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
