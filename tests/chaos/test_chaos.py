"""The short form: one fault of every sort on a running flow, two at once. The long form is `make chaos`."""

from __future__ import annotations

import time
from itertools import islice
from pathlib import Path

import pytest

from eropaf.deploy.embedded.installation import Installation
from tests.chaos.faults import SHORT
from tests.chaos.hunt import hunt
from tests.chaos.run import Run
from tests.chaos.schedule import schedule
from tests.chaos.setup import Setup
from tests.chaos.system import System

pytestmark = [pytest.mark.kafka, pytest.mark.chaos]

SEED = 7


def test_a_flow_that_is_struck_by_faults_of_every_sort_loses_and_repeats_nothing(
    installation: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = list(islice(schedule(SEED, SHORT, at_once=2), 4))
    assert sorted(kind for step in steps for kind in step.kinds) == sorted(SHORT)

    with System(Setup(SEED), tmp_path, installation) as system:
        report = Run(system, len(steps), print).work(steps, ends_at=time.monotonic() + 400)

    assert report.verdict.clean, report.verdict
    assert len(report.tallies) == len(steps)
    assert report.verdict.updates > 500
    assert report.verdict.rejected > 100
    assert report.verdict.answers > 50


@pytest.mark.parametrize("mutant", ["restore-skipped", "rows-one-checkpoint-late"])
def test_a_mechanism_with_a_piece_turned_off_is_caught(
    mutant: str, installation: Installation, tmp_path: Path
) -> None:
    assert not hunt(mutant, tmp_path, installation, print).clean
