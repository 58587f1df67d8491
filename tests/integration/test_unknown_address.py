"""An address that there is not: its signals go to the one that is meant, or their creditors hear so."""

from __future__ import annotations

from pathlib import Path

import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.files.address_extract import extract
from eropaf.process.exits import NOT_AS_IT_MUST_BE
from eropaf.risk.identity import household_key
from eropaf.risk.records import Address
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.records import Resident
from tests.builders import SECRET, an_arrears_signal
from tests.integration.processes import PATIENCE_S, until
from tests.integration.system import System, running
from tests.unit.files.test_address_extract import BAG

pytestmark = pytest.mark.kafka


def publish(system: System, signal_id: str, house_number: str, addition: str = "") -> None:
    signal = an_arrears_signal(
        signal_id=signal_id,
        contract=f"contract of {signal_id}",
        resident=Resident(postcode="1011 AB", house_number=house_number, addition=addition or None),
    )
    with ArrearsPublisher(system.bootstrap, "rent") as publisher:
        publisher.report(signal)


def test_a_clerk_says_which_address_is_meant_or_that_there_is_none(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    def lists() -> dict[tuple[int, str], str]:
        latest = {each.household: each for each in system.updates()}
        return {
            (each.address.house_number, each.address.addition): str(each.band) for each in latest.values()
        }

    register = tmp_path / "addresses.db"
    extract(BAG, "Amsterdam", register)  # it has 3-A and 3-A2, no 3 and no 99
    bare = household_key(Address("1011AB", 3, ""), SECRET)
    with running(fresh, tmp_path, EROPAF_BOARD_ADDRESS_REGISTER=str(register)) as system:
        publish(system, "s-1", "3")
        publish(system, "s-2", "99")
        publish(system, "s-3", "3", "A2")
        system.at_rest()

        listed = system.command("unknown-addresses", "list", status=NOT_AS_IT_MUST_BE)
        assert f"{bare}  1011AB 3  since" in listed
        assert "perhaps 1011AB 3 A; 1011AB 3 A2" in listed
        assert "1011AB 99" in listed
        assert "1011AB 3 A2  since" not in listed, "it is in the register"
        assert "1 address answered" in system.command("unknown-addresses", "answer")
        system.command("unknown-addresses", "correct", bare, "1011 AB 3 A")

        until(lambda: (3, "A") in lists(), PATIENCE_S, "the household that is meant")
        system.at_rest()
        assert {at for at, band in lists().items() if band != "NONE"} == {(3, "A"), (3, "A2")}
        told = [value for _, value in system.read("feedback.rent", "CreditorFeedback")]
        assert [(each["signal_id"], each["status"], each["reason"]) for each in told] == [
            ("s-2", "NOT_PICKED_UP_UNJUSTIFIED", "address-unknown")
        ]
        assert "every address with signals is in the register" in system.command("unknown-addresses", "list")
