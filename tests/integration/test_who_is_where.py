"""A signal on a BSN reaches its household by the register of persons or a clerk, and moves along."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.lookup.serve import LookupConfig, look_up
from eropaf.process.exits import NOT_AS_IT_MUST_BE
from eropaf_client.cluster import Cluster
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.records import PartnerType, Resident
from eropaf_client.schemas.registry import LocalRegistry
from tests.builders import an_arrears_signal
from tests.integration.processes import PATIENCE_S, until
from tests.integration.system import System, running
from tests.unit.lookup.a_register import RegisterOfPersons, lives, register_of_persons

pytestmark = pytest.mark.kafka

ANNA, BERT = "123456782", "111222333"


def publish(system: System, number: str, signal_id: str) -> None:
    signal = an_arrears_signal(
        signal_id=signal_id,
        contract=f"contract of {number[-2:]}",
        partner_type=PartnerType.HEALTH,
        resident=Resident(bsn=number),
    )
    with ArrearsPublisher(system.bootstrap, "health") as publisher:
        publisher.report(signal)


@contextmanager
def asking(system: System, persons: RegisterOfPersons, fresh_s: float) -> Iterator[None]:
    stopped = threading.Event()
    config = LookupConfig(
        cluster=Cluster(system.bootstrap, {}, LocalRegistry()),
        creditors=tuple(system.environment["EROPAF_CREDITORS"].split(",")),
        secret=system.environment["EROPAF_HOUSEHOLD_SECRET"].encode(),
        access=persons.access,
        municipality="0363",
        ground="of this test",
        fresh_s=fresh_s,
        per_minute=600,
    )
    runs = threading.Thread(target=look_up, args=(config, stopped))
    runs.start()
    try:
        yield
    finally:
        stopped.set()
        runs.join()


def test_who_waits_is_found_by_the_register_or_placed_by_a_clerk_and_moves_along(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    def lists() -> dict[tuple[str, int], str]:
        latest = {each.household: each for each in system.updates()}
        return {
            (each.address.postcode, each.address.house_number): str(each.band) for each in latest.values()
        }

    with register_of_persons() as persons, running(fresh, tmp_path) as system:
        persons.persons = {ANNA: lives("1011 AB", 7)}
        publish(system, ANNA, "s-1")
        publish(system, BERT, "s-2")
        system.at_rest()
        assert system.updates() == [], "nothing is guessed while nobody says where they live"

        with asking(system, persons, fresh_s=24 * 3600.0):
            until(lambda: ("1011AB", 7) in lists(), PATIENCE_S, "an update of Anna's household")
            until(
                lambda: len(system.read("register-mismatches", "RegisterMismatch")) == 1,
                PATIENCE_S,
                "Bert in the tray",
            )
        ((_, tray),) = system.read("register-mismatches", "RegisterMismatch")
        assert tray["reason"] == "NOT_FOUND"
        assert len(persons.asked) == len({tuple(each) for each in persons.asked}), "asked once each"

        key = tray["resident"]
        assert f"{key}  not-found" in system.command("resident", "mismatches", status=NOT_AS_IT_MUST_BE)
        system.command("resident", "place", key, "1013 EF 9")
        until(lambda: ("1013EF", 9) in lists(), PATIENCE_S, "Bert's household where a clerk put it")
        assert "no mismatch waits" in system.command("resident", "mismatches")

        persons.persons = {ANNA: lives("1012 CD", 8)}
        with asking(system, persons, fresh_s=0.001):
            publish(system, ANNA, "s-3")
            until(lambda: ("1012CD", 8) in lists(), PATIENCE_S, "her household where she moved to")
            system.at_rest()
            until(lambda: lists()["1011AB", 7] == "NONE", PATIENCE_S, "nothing left where she lived")
        assert persons.faults == []
