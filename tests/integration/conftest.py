"""What the integration tests share: Eropaf, running."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.installation import Installation
from tests.conftest import SOON
from tests.integration.system import System, running


@pytest.fixture
def elsewhere(installation: Installation) -> Iterator[EmbeddedKafka]:
    """A second cluster."""
    with EmbeddedKafka(installation=installation, properties=SOON) as kafka:
        yield kafka


@pytest.fixture(scope="module")
def another_bootstrap(installation: Installation) -> Iterator[str]:
    """A second cluster that the tests of a file share, each with topics of its own."""
    with EmbeddedKafka(installation=installation, properties=SOON) as kafka:
        yield kafka.bootstrap


@pytest.fixture
def system(fresh: EmbeddedKafka, tmp_path: Path) -> Iterator[System]:
    with running(fresh, tmp_path) as started:
        yield started
