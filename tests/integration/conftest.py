"""What the integration tests share: Eropaf, running."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded import EmbeddedKafka
from tests.integration.processes import ended, until
from tests.integration.system import System


@pytest.fixture
def system(fresh: EmbeddedKafka, tmp_path: Path) -> Iterator[System]:
    running = System(fresh, tmp_path)
    with ended(running.workers):
        until(lambda: running.workers.said.count("partitions open") >= 1, 30, "workers reading")
        yield running
        running.stop()
