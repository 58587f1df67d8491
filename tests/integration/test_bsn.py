"""A signal on a BSN: taken on a ground alone, and answered where nobody knows the number.

Whose number it is has their rights before the register knows them.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.records import PartnerType, Resident
from tests.builders import an_arrears_signal
from tests.integration.processes import PATIENCE_S, until
from tests.integration.system import System, running

pytestmark = pytest.mark.kafka

NUMBER = "111222333"
UNKNOWN = Resident(NUMBER)
# After every record of a test's, whatever day it is.
LATE = "2099-12-31"


def publish(system: System, creditor: str, partner: PartnerType) -> None:
    with ArrearsPublisher(system.bootstrap, creditor) as publisher:
        publisher.report(an_arrears_signal(partner_type=partner, resident=UNKNOWN))


def heard(system: System, creditor: str) -> list[tuple[str, str | None]]:
    answers = system.read(f"feedback.{creditor}", "CreditorFeedback")
    return [(each["status"], each["reason"]) for _, each in answers]


def test_a_bsn_is_taken_on_a_ground_and_one_that_nobody_knows_does_not_wait_for_ever(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    with running(fresh, tmp_path, EROPAF_TEST_NUMBERS="", EROPAF_BSN_FROM="") as system:
        publish(system, "rent", PartnerType.RENT)
        publish(system, "health", PartnerType.HEALTH)
        system.at_rest()

        assert len(system.read("unresolved-signals", "UnresolvedSignal")) == 1
        assert heard(system, "rent") == [("NOT_PICKED_UP_UNJUSTIFIED", "bsn-without-ground")]
        assert heard(system, "health") == []

        system.command("tick", "--on", LATE, "--ahead")
        until(lambda: heard(system, "health") == [("NOT_A_RESIDENT", None)], PATIENCE_S, "the insurer hears")
        system.at_rest()
        assert system.read("eropaf-resident-changelog", "ResidentRow") == []


ROWS = "eropaf-resident-changelog"
BY_LAW = {"EROPAF_TEST_NUMBERS": "", "EROPAF_BSN_FROM": ""}


def waiting(system: System) -> list[int]:
    """Return how many signals wait, of each resident."""
    newest = dict(system.read(ROWS, "ResidentRow"))
    return [len(row["waiting"]) for row in newest.values()]


def test_who_objects_before_the_register_knows_them_is_on_no_list_once_it_does(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    register = tmp_path / "register.csv"
    register.write_text(f"bsn,postcode,house_number,addition\n{NUMBER},1234AB,1,\n", encoding="utf-8")
    with running(fresh, tmp_path, **BY_LAW) as system:
        publish(system, "health", PartnerType.HEALTH)
        system.at_rest()
        assert waiting(system) == [1]

        shown = json.loads(system.command("resident", "access", NUMBER, "--purpose", "resident-asked"))
        assert [len(each["waiting"]) for each in shown["residents"]] == [1]
        assert (len(shown["on_bsn"]), len(shown["signals"]["health"])) == (1, 1)

        assert "the objection stands" in system.command("resident", "object", NUMBER)
        system.at_rest()
        assert waiting(system) == [0]
        assert heard(system, "health") == [("NOT_PICKED_UP_OTHER", None)]
        publish(system, "health", PartnerType.HEALTH)
        system.at_rest()
        assert waiting(system) == [0]

        system.command("residents", "load", str(register))
        publish(system, "health", PartnerType.HEALTH)
        system.at_rest()
        assert heard(system, "health") == [("NOT_PICKED_UP_OTHER", None)] * 3
        assert system.updates() == []
        erased = system.command("resident", "erase", NUMBER)
        assert "objections that stand on: 1" in erased


def test_what_waits_for_whom_the_register_does_not_know_is_erased_and_stays_so(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    with running(fresh, tmp_path, **BY_LAW) as system:
        publish(system, "health", PartnerType.HEALTH)
        system.at_rest()

        assert "is forgotten" in system.command("resident", "erase", NUMBER)
        system.at_rest()

        assert waiting(system) == [0]
        assert heard(system, "health") == [("NOT_PICKED_UP_OTHER", None)]
        assert system.rows() == set(), "no household is kept under the resident's key"
        system.command("tick", "--on", LATE, "--ahead")
        until(lambda: waiting(system) == [], PATIENCE_S, "the erasure's days are over")
