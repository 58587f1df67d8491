"""The household secret is changed as docs/how-to/secure.md says: beside the old, without a stop."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.ports import choose
from eropaf.risk.told import PriorityUpdate
from eropaf.streams.errors import EXIT_STOPPED_AT_ONCE
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.records import ArrearsSignal, Resident
from eropaf_client.schemas.topics import FINGERPRINT
from tests.builders import an_arrears_signal
from tests.integration.processes import PATIENCE_S, Process, ended, until
from tests.integration.system import System, running

pytestmark = pytest.mark.kafka

NEW_SECRET = "another secret than the one that leaked"
BSN = "123456782"
BY_BSN = Resident(bsn=BSN)


def a_signal(contract: str, resident: Resident, version: int = 1, eur: int = 2_500) -> ArrearsSignal:
    return an_arrears_signal(
        signal_id=f"{contract}-{version}",
        contract=contract,
        version=version,
        amount_cents=eur * 100,
        reported_at=datetime(2026, 3, version, 12, tzinfo=UTC),
        resident=resident,
    )


def at(number: int) -> Resident:
    return Resident(postcode="1011AB", house_number=f"{number}")


def publish(system: System, *signals: ArrearsSignal) -> None:
    with ArrearsPublisher(system.bootstrap, "rent") as publisher:
        publisher.report_all(signals)


def listed(system: System) -> dict[str, PriorityUpdate]:
    """Return the newest update of each address."""
    updates = sorted(system.updates(), key=lambda update: update.sequence)
    return {f"{update.address.postcode} {update.address.house_number}": update for update in updates}


def test_a_new_secret_gives_the_same_list_under_other_keys_while_the_old_serves_on(
    fresh: EmbeddedKafka, elsewhere: EmbeddedKafka, tmp_path: Path
) -> None:
    (tmp_path / "new").mkdir()
    register = tmp_path / "register.csv"
    register.write_text(f"bsn,postcode,house_number,addition\n{BSN},1011AB,9,\n", "utf-8")
    addresses = {f"1011AB {number}" for number in (1, 2, 3, 9)}
    with (
        running(fresh, tmp_path) as old,
        running(elsewhere, tmp_path / "new", EROPAF_HOUSEHOLD_SECRET=NEW_SECRET) as new,
    ):
        old.command("residents", "load", str(register))
        publish(old, a_signal("a", at(1)), a_signal("b", at(2)), a_signal("b", at(2), 2, 3_500))
        publish(old, a_signal("c", at(3)), a_signal("d", BY_BSN))
        until(lambda: listed(old).keys() == addresses, PATIENCE_S, "the list")

        # The register, and what each creditor has open now.
        new.command("residents", "load", str(register))
        publish(new, a_signal("a", at(1)), a_signal("b", at(2), 2, 3_500))
        publish(new, a_signal("c", at(3)), a_signal("d", BY_BSN))
        # Meanwhile more comes, and goes to both: the old one serves on.
        for both in (old, new):
            publish(both, a_signal("e", at(4)))
        addresses.add("1011AB 4")
        until(
            lambda: listed(old).keys() == listed(new).keys() == addresses, PATIENCE_S, "the same list in both"
        )
        for both in (old, new):
            both.at_rest()

        before, after = listed(old), listed(new)
        assert {update.household for update in before.values()}.isdisjoint(
            update.household for update in after.values()
        )
        same = {address: before[address].urgency == after[address].urgency for address in addresses}
        # Arrears that grew before the change are new to the new one: points for growth begin anew.
        assert same == {address: address != "1011AB 2" for address in addresses}
        assert {address: update.band for address, update in before.items() if same[address]} == {
            address: update.band for address, update in after.items() if same[address]
        }


def test_another_secret_than_the_keys_were_made_with_is_refused_before_it_makes_one(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    register = tmp_path / "register.csv"
    register.write_text(f"bsn,postcode,house_number,addition\n{BSN},1011AB,9,\n", "utf-8")
    load = ("residents", "load", str(register))
    first = System(fresh, tmp_path, started=False)
    first.command("topics", "create")
    first.command(*load)
    (tmp_path / "other").mkdir()
    other = System(fresh, tmp_path / "other", started=False, EROPAF_HOUSEHOLD_SECRET=NEW_SECRET)

    for refused in (("run",), load, ("resident", "erase", BSN)):
        assert "the keys of the cluster" in other.command(*refused, status=1)

    # Without `eropaf run`, as Kubernetes starts one: it ends before it joins the group.
    alone = Process(
        ["-m", "eropaf.worker", "alone", str(choose(1)[0])], tmp_path / "alone.log", **other.environment
    )
    with ended(alone):
        assert alone.wait(PATIENCE_S) == EXIT_STOPPED_AT_ONCE
        assert "the keys of the cluster" in alone.said
        assert "partitions open" not in alone.said

    # The same, as a file's last line ends.
    first.environment["EROPAF_HOUSEHOLD_SECRET"] += "\n"
    assert "1 entry stored" in first.command(*load)
    assert len(first.read(FINGERPRINT, "SecretFingerprint")) == 1
