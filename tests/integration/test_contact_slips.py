"""A contact slip on a real broker: nowhere in the clear, in its resident's access, gone with the case."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eropaf.agents.sealing import new_keys
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.installation import Installation
from eropaf_client.contact_slips import Contact, ContactSlips
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.records import SignalKind
from eropaf_client.schemas.topics import contacts
from tests.builders import AMSTERDAM_EXAMPLE, CONTACT_SLIPS, an_arrears_signal
from tests.integration.disk import holders
from tests.integration.life import KEYS
from tests.integration.processes import PATIENCE_S, Process, ended, until
from tests.integration.system import System, running

pytestmark = pytest.mark.kafka

PUBLIC, PRIVATE = new_keys()
CONTACT = Contact("Mevrouw Voorbeeld", "06 12345678", "voorbeeld@example.org")
DETAILS = (b"Voorbeeld", b"12345678", b"voorbeeld@")
SLIPS = {"EROPAF_SLIPS_PRIVATE_KEY": PRIVATE, "EROPAF_SLIPS_TOKEN": "no token of anybody, and long enough"}
TOPIC = contacts("rent")


def slips_end(system: System, contract: str) -> None:
    until(lambda: system.newest(TOPIC, contract) == [None], PATIENCE_S, f"the slip of {contract} is deleted")


def test_a_slip_is_nowhere_in_the_clear_and_ends_with_its_arrears_and_by_erasure(
    installation: Installation, tmp_path: Path
) -> None:
    policy, data = tmp_path / "policy.toml", tmp_path / "kafka"
    policy.write_text(AMSTERDAM_EXAMPLE + CONTACT_SLIPS, encoding="utf-8")
    data.mkdir()
    with (
        EmbeddedKafka(data_dir=data, installation=installation) as kafka,
        running(
            kafka,
            tmp_path,
            EROPAF_POLICY=str(policy),
            **KEYS,
            **SLIPS,
        ) as system,
        ContactSlips(system.bootstrap, "rent", PUBLIC) as slips,
        ArrearsPublisher(system.bootstrap, "rent") as publisher,
    ):
        slips.leave("contract-1", CONTACT)
        left = tmp_path / "contacts.csv"
        left.write_text(
            f"contractnummer;naam;telefoon;e-mailadres\ncontract-2;{CONTACT.name};{CONTACT.phone};{CONTACT.email}\n",
            encoding="utf-8",
        )
        leaving = ("contacts", str(left), "--creditor", "rent", "--public-key", PUBLIC)
        process = Process(
            ["-m", "eropaf_client.command", *leaving, "--bootstrap", system.bootstrap],
            tmp_path / "client.log",
        )
        with ended(process):
            assert process.wait(PATIENCE_S) == 0, process.said
        assert "1 contact slips stored" in process.said
        for number in (1, 2):
            publisher.report(an_arrears_signal(signal_id=f"s-{number}", contract=f"contract-{number}"))
        system.quiet(2)

        held = json.loads(system.command("resident", "access", "1011 AB 12", "--purpose", "resident-asked"))
        assert [
            (each["contract"], each["name"], each["phone"], each["email"])
            for each in held["contacts"]["rent"]
        ] == [(f"contract-{number}", *vars(CONTACT).values()) for number in (1, 2)]

        publisher.report(
            an_arrears_signal(
                signal_id="s-1", contract="contract-1", kind=SignalKind.PAID, amount_cents=0, version=2
            )
        )
        slips_end(system, "contract-1")
        assert system.newest(TOPIC, "contract-2") != [None]
        system.command("resident", "erase", "1011 AB 12")
        slips_end(system, "contract-2")
        system.at_rest()

        assert all(holders(data, (b"contract-1",)).values())
        assert holders(data, DETAILS) == {each: set() for each in DETAILS}
        assert not any(each.decode() in system.workers.said for each in DETAILS)
