"""A real Kafka on this machine: it comes, it stays when asked, it goes, and says why when it cannot come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from eropaf.deploy.embedded import EmbeddedKafka, EmbeddedKafkaError
from eropaf.deploy.embedded.installation import Installation
from eropaf.streams.operate.topics import Topic, admin, ensure
from tests.builders import SECRET
from tests.integration.processes import PATIENCE_S, Process, ended

pytestmark = pytest.mark.kafka

Command = Callable[..., str]


@pytest.fixture
def kafka(installation: Installation, tmp_path: Path) -> Iterator[Command]:
    """`eropaf kafka` on a data directory of the test's own."""

    def run(*arguments: str, status: int = 0) -> str:
        log = tmp_path / f"{time.monotonic_ns()}.log"
        process = Process(
            ["-m", "eropaf.main", "kafka", *arguments, "--data-dir", str(tmp_path / "data")], log
        )
        with ended(process):
            assert process.wait(PATIENCE_S) == status, process.said
        return process.said

    yield run
    run("down")


def address(said: str) -> str:
    return said.split("EROPAF_BOOTSTRAP=")[1].split()[0]


def test_a_broker_that_was_started_stays_and_its_data_survives_a_stop(kafka: Command) -> None:
    bootstrap = address(kafka("up"))
    ensure(admin(bootstrap, {}), [Topic("kept", 2)])
    assert "running at" in kafka("status")

    assert "stopped" in kafka("down")
    assert "not running" in kafka("status", status=3)

    assert "kept" in admin(address(kafka("up")), {}).list_topics(timeout=PATIENCE_S).topics


def test_starting_twice_starts_one(kafka: Command) -> None:
    assert kafka("up") == kafka("up")


def test_data_is_deleted_only_when_the_broker_is_stopped(kafka: Command, tmp_path: Path) -> None:
    kafka("up")

    assert "stop it first" in kafka("reset", status=1)
    kafka("down")
    kafka("reset")

    assert not (tmp_path / "data").exists()


def test_a_broker_that_cannot_start_shows_its_last_words_and_leaves_nothing(
    installation: Installation, tmp_path: Path
) -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    kafka = EmbeddedKafka(
        installation=installation, data_dir=tmp_path / "data", properties={"log.segment.bytes": "one"}
    )

    with pytest.raises(EmbeddedKafkaError) as error:
        kafka.start()

    assert "log.segment.bytes" in str(error.value)
    assert "correct it" in str(error.value)
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before


@pytest.mark.parametrize("command", [["watch"], ["publish", "signals.csv", "--creditor", "rent"], ["run"]])
def test_a_command_that_finds_no_broker_says_where_it_looked_within_ten_seconds(
    tmp_path: Path, command: list[str]
) -> None:
    (tmp_path / "signals.csv").write_text(
        "signal_id,contract,kind,partner_type,amount_eur,reported_at,version,postcode,house_number\n"
        "s-1,c-1,REPORTED,RENT,1650,2026-03-02,1,1011 AB,7\n",
        encoding="utf-8",
    )
    arguments = [str(tmp_path / part) if part == "signals.csv" else part for part in command]
    process = Process(
        ["-m", "eropaf.main", *arguments],
        tmp_path / "log",
        EROPAF_BOOTSTRAP="127.0.0.1:1",
        EROPAF_HOUSEHOLD_SECRET=SECRET.decode(),
    )

    with ended(process):
        assert process.wait(PATIENCE_S) == 1
    assert "no Kafka broker answered at 127.0.0.1:1 within 8 s" in process.said
