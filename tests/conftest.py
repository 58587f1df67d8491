"""What the suite shares: one real Kafka for the session, or a loud word that there is none."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.unraisableexception import collect_unraisable
from hypothesis import settings

from eropaf.deploy.embedded import EmbeddedKafka, EmbeddedKafkaError, ports, registry
from eropaf.deploy.embedded.install import install
from eropaf.deploy.embedded.installation import Installation
from tests.as_written import stale, use_rules_as_written
from tests.shares import share

settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

# What a shell starts in its background ignores Ctrl-C, and so would all that tests start and end by it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# A member that is gone is noticed soon, so that tests of it are short.
SOON = {
    "group.consumer.session.timeout.ms": "3000",
    "group.consumer.heartbeat.interval.ms": "500",
    "group.min.session.timeout.ms": "1000",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "500",
}

# Where real brokers, browsers and processes are waited for: most of it is `make test-long`.
REAL = ("attack", "board", "chaos", "integration", "matrix", "soak", "unit/test_as_written.py")
# And what `make test` has of it: the flow, checkpoints, a client, results at the door, and what is over soon.
SHORT_FORM = (
    "board/test_guard.py",
    "board/test_postgresql.py",
    "board/test_results_kept.py",
    "chaos/test_host.py",
    "chaos/test_proxy.py",
    "chaos/test_registry_front.py",
    "chaos/test_schedule.py",
    "integration/clients/test_beside_others.py",
    "integration/clients/test_subscriber.py",
    "integration/test_faust_page.py",
    "integration/test_flow.py",
    "integration/test_hostile_records.py",
    "integration/test_kafka_group.py",
    "integration/test_late_requests.py",
    "integration/test_partitioner.py",
    "integration/test_savepoint_refused.py",
    "integration/test_saving.py",
    "integration/test_topics.py",
    "matrix/test_matrix.py",
    "matrix/test_passage.py",
)


# What takes longest is begun first: begun last, it would run on alone.
LONGEST = ("unit/test_as_written.py", "integration/test_alerts.py", "integration/test_access.py")
HERE = Path(__file__).parent


def own_ports(worker: str, workers: int) -> None:
    """Let one of the processes that a run is shared out to choose from ports that no other chooses from.

    Between a choice and its use, a second here, and many where a broker starts on a busy machine, another
    could take it.
    """
    lowest, number = ports.LOWEST_PORT, int(worker.removeprefix("gw"))
    each = (ports._ephemeral_from() - lowest) // workers
    ports.LOWEST_PORT = lowest + number * each
    vars(ports)["_ephemeral_from"] = lambda: lowest + (number + 1) * each


if "PYTEST_XDIST_WORKER" in os.environ:
    own_ports(os.environ["PYTEST_XDIST_WORKER"], int(os.environ["PYTEST_XDIST_WORKER_COUNT"]))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rules-as-written", action="store_true", help="test the rules' source, not what was compiled of it"
    )
    parser.addoption(
        "--share-of", metavar="COMMIT", help="of the long modules, the third that a commit's hash chooses"
    )


def pytest_configure(config: pytest.Config) -> None:
    if edited := list(stale()):
        raise pytest.UsageError(
            f"not compiled of the source as it is, `make compiled`: {', '.join(map(str, edited))}"
        )
    if config.getoption("--rules-as-written"):
        use_rules_as_written()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Pass over what holds no long test, where those alone are asked for: to read all takes a while."""
    if config.option.markexpr != "long" or not collection_path.is_relative_to(HERE):
        return None
    place = collection_path.relative_to(HERE)
    holds = any(place.is_relative_to(real) or Path(real).is_relative_to(place) for real in REAL)
    return None if holds else True


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what is long, before what was asked for is chosen by its marks and by a commit."""
    items.sort(key=lambda item: item.path.relative_to(HERE).as_posix() not in LONGEST)
    for item in items:
        place = item.path.relative_to(HERE)
        if any(place.is_relative_to(real) for real in REAL) and place.as_posix() not in SHORT_FORM:
            item.add_marker(pytest.mark.long)
    if commit := config.getoption("--share-of"):
        long = {item.path for item in items if item.get_closest_marker("long")}
        others = long - share(long, commit)
        config.hook.pytest_deselected(items=[item for item in items if item.path in others])
        items[:] = [item for item in items if item.path not in others]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Fail a module that leaves a process or a connection open: else it fails whichever collects that."""
    yield
    if item.get_closest_marker("kafka") and (nextitem is None or nextitem.path != item.path):
        if isinstance(item, pytest.Function):
            item.funcargs.clear()
        gc.collect()
        collect_unraisable(item.config)


@pytest.fixture(scope="session")
def installation() -> Installation:
    """Kafka's jars and start-up cache; fetched once into the user's cache directory."""
    try:
        return install(None)
    except EmbeddedKafkaError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"NO KAFKA, SO NOTHING OF IT IS TESTED: {error}")


@pytest.fixture(scope="session")
def bootstrap(installation: Installation) -> Iterator[str]:
    """The session's broker. Tests that need topics of their own take `fresh`."""
    with EmbeddedKafka(installation=installation, properties=SOON) as kafka:
        yield kafka.bootstrap


@pytest.fixture(scope="session")
def registry_runner() -> Path:
    """Where the embedded registry's program is; fetched once into the user's cache directory."""
    try:
        return registry.install(None)
    except EmbeddedKafkaError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"NO REGISTRY, SO NOTHING OF IT IS TESTED: {error}")


@pytest.fixture
def fresh(installation: Installation) -> Iterator[EmbeddedKafka]:
    """A broker that no other test has touched, in a second."""
    with EmbeddedKafka(installation=installation, properties=SOON) as kafka:
        yield kafka
