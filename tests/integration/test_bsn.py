"""A signal on a BSN: taken on a ground alone, and answered where nobody knows the number."""

from __future__ import annotations

from pathlib import Path

import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.records import PartnerType, Resident
from tests.builders import an_arrears_signal
from tests.integration.processes import PATIENCE_S, until
from tests.integration.system import System, running

pytestmark = pytest.mark.kafka

UNKNOWN = Resident("111222333")
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
