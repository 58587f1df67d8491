"""What was set aside can be seen, and goes back after a fix; doing so twice changes nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer

from eropaf.agents.codecs import letters as codec_of
from eropaf.agents.topology import savepoint_scope, stages
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.risk.history import tell
from eropaf.risk.records import Address, HouseholdEvent
from eropaf.streams.operate.letters import Letter, Letters
from eropaf.streams.operate.replay import Replayer
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, HOUSEHOLD_RISK, REJECTED, RESIDENTS, arrears
from eropaf_client.schemas.wire import Codec
from tests.builders import amsterdam_example, an_arrears_signal
from tests.integration.processes import PATIENCE_S, ended, until
from tests.integration.system import CHANGELOG, System

pytestmark = pytest.mark.kafka

# What librdkafka's producers send at most, unless they are told otherwise.
LARGEST_OF_A_CLIENT = 999_900


@pytest.fixture
def narrow(fresh: EmbeddedKafka, tmp_path: Path) -> Iterator[System]:
    """Yield a system that rejects every signal, because its limit is set too low."""
    running = System(fresh, tmp_path, EROPAF_MAX_RECORD_BYTES="20")
    with ended(running.workers):
        running.until_reading()
        yield running


def published(system: System, count: int) -> None:
    with ArrearsPublisher(system.bootstrap, "rent") as publisher:
        for version in range(1, count + 1):
            amount = 60_000 * version
            publisher.report(
                an_arrears_signal(signal_id=f"s-{version}", version=version, amount_cents=amount)
            )


def produced(system: System, topic: str, value: bytes, key: bytes) -> None:
    producer = Producer({"bootstrap.servers": system.bootstrap, "partitioner": "murmur2_random"})
    producer.produce(topic, key=key, value=value)
    assert producer.flush(PATIENCE_S) == 0


def listed(system: System, *arguments: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in system.command("rejected", "list", *arguments).splitlines()]


def rejections(system: System) -> int:
    return len([letter for _, letter in system.read(REJECTED, "Rejected") if letter["agent"] != "replay"])


def a_replayer(system: System) -> Replayer:
    registry = LocalRegistry()
    return Replayer(
        system.bootstrap,
        {},
        codec_of(registry),
        savepoint_scope("eropaf", stages("eropaf", ["rent"], registry)),
    )


def index(system: System) -> list[Letter]:
    return Letters(system.bootstrap, {}, codec_of(LocalRegistry())).index()


def test_after_a_fix_what_was_rejected_leads_to_what_it_would_have_led_to(narrow: System) -> None:
    published(narrow, 3)
    produced(narrow, arrears("rent"), b"\x01" * 30, b"poison")
    until(lambda: rejections(narrow) == 4, PATIENCE_S, "everything rejected")
    letters = listed(narrow, "--reason", "too-large", "--topic", "arrears.rent")
    assert len(letters) == 4
    assert {"id", "reason", "stored_at", "bytes", "times", "open"} <= letters[0].keys()
    assert "contract-" not in json.dumps(letters)

    narrow.restart(EROPAF_MAX_RECORD_BYTES="65536")
    with ended(narrow.workers):
        assert "4 records would be sent again: 4 too-large" in narrow.command("replay", "--dry-run")
        assert rejections(narrow) == 4
        assert "4 records sent again: 4 too-large" in narrow.command("replay")
        narrow.quiet(3)

        events = [
            HouseholdEvent.from_record(value) for _, value in narrow.read(HOUSEHOLD_EVENTS, "HouseholdEvent")
        ]
        ids = {str(letter["id"]) for letter in letters}
        assert {event.event_id for event in events} < ids
        assert [event.at for event in events] == [events[0].at] * 3
        assert narrow.updates() == tell(events, amsterdam_example()).updates

        # The poison is set aside again, as one record that was tried twice; a replay sends it alone.
        until(lambda: rejections(narrow) == 5, PATIENCE_S, "the poison rejected again")
        (poison,) = listed(narrow)
        assert (poison["reason"], poison["times"]) == ("wrong-magic", 2)
        assert "1 record sent again: 1 wrong-magic" in narrow.command("replay", "--reason", "wrong-magic")
        until(lambda: rejections(narrow) == 6, PATIENCE_S, "the poison rejected a third time")
        assert [letter["times"] for letter in listed(narrow)] == [3]
        narrow.stop()


def test_a_record_that_its_sender_corrected_is_closed_and_goes_nowhere(narrow: System) -> None:
    produced(narrow, arrears("rent"), b"\x01" * 30, b"poison")
    until(lambda: rejections(narrow) == 1, PATIENCE_S, "the poison rejected")
    (letter,) = listed(narrow)

    close = ("rejected", "close", str(letter["id"]), "--why", "corrected by its sender")
    assert "is closed" in narrow.command(*close)

    assert listed(narrow) == []
    (closed,) = listed(narrow, "--all")
    assert (closed["open"], closed["closed"]) == (False, "corrected by its sender")
    assert "0 records to send again" in narrow.command("replay")
    assert "dealt with already" in narrow.command(*close)


def test_replaying_twice_changes_nothing(narrow: System) -> None:
    published(narrow, 4)
    until(lambda: rejections(narrow) == 4, PATIENCE_S, "everything rejected")
    letters = index(narrow)
    narrow.restart(EROPAF_MAX_RECORD_BYTES="65536")
    with ended(narrow.workers):
        assert a_replayer(narrow).replay(letters, lambda done: None).sent == 4
        narrow.quiet(4)
        rows, risks, updates = (
            narrow.read(CHANGELOG, "HouseholdRow"),
            narrow.read(HOUSEHOLD_RISK, "HouseholdRisk"),
            narrow.updates(),
        )

        # As a replay does that was killed before its operator saw what it did, and is run again.
        assert a_replayer(narrow).replay(letters, lambda done: None).sent == 4
        narrow.quiet(8)

        assert dict(narrow.read(CHANGELOG, "HouseholdRow")) == dict(rows)
        assert narrow.read(HOUSEHOLD_RISK, "HouseholdRisk") == risks
        assert narrow.updates() == updates
        assert "0 records to send again" in narrow.command("replay")
        narrow.stop()


def test_the_largest_record_is_set_aside_whole_and_comes_back_whole(system: System) -> None:
    whole = b"\x01" + os.urandom(LARGEST_OF_A_CLIENT)
    produced(system, arrears("rent"), whole, b"large")
    until(lambda: rejections(system) == 1, PATIENCE_S, "the record rejected")
    (letter,) = index(system)
    assert letter.size == len(whole)
    shown = system.command("rejected", "show", letter.id)
    assert "personal data" in shown
    assert json.loads(shown[shown.index("{") :])["value"] == whole.hex()

    assert "1 record sent again: 1 too-large" in system.command("replay", "--id", letter.id)

    until(lambda: rejections(system) == 2, PATIENCE_S, "the record rejected again")
    assert [held["value"] for _, held in system.read(REJECTED, "Rejected") if held["agent"] != "replay"] == [
        whole
    ] * 2


def test_an_entry_of_the_register_that_was_overtaken_is_not_sent_again(system: System) -> None:
    produced(system, RESIDENTS, b"\x01broken", b"resident-1")
    produced(system, RESIDENTS, b"\x01broken too", b"resident-2")
    until(lambda: rejections(system) == 2, PATIENCE_S, "both entries rejected")
    entry = Codec("Residence", RESIDENTS, LocalRegistry()).encode(
        {"address": Address("1011AB", 12, "").to_record()}
    )
    produced(system, RESIDENTS, entry, b"resident-1")

    said = system.command("replay")

    assert "1 record sent again" in said
    assert "not sent, a later record of its key stands on residents" in said


def test_fields_are_shown_where_they_decode(narrow: System) -> None:
    published(narrow, 1)
    until(lambda: rejections(narrow) == 1, PATIENCE_S, "the signal rejected")
    (letter,) = index(narrow)

    shown = narrow.command("rejected", "show", letter.id)

    assert json.loads(shown[shown.index("{") :])["fields"]["contract"] == "contract-1"
    assert "no record arrears.rent-0-999 was rejected" in narrow.command(
        "rejected", "show", "arrears.rent-0-999", status=1
    )
    narrow.stop()
