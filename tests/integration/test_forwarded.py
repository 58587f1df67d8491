"""A signal on who is registered elsewhere goes on to that municipality, and its creditor hears so."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.lookup.forwarding.municipalities import read_municipalities
from eropaf.lookup.forwarding.serve import ForwardingConfig, forward
from eropaf_client.cluster import Cluster
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.records import PartnerType, Resident, SignalKind
from eropaf_client.schemas.registry import LocalRegistry
from tests.builders import an_arrears_signal
from tests.integration.processes import PATIENCE_S, until
from tests.integration.system import System, running
from tests.integration.test_who_is_where import asking
from tests.unit.forwarding.a_municipality import CLIENT, SECRET, OtherMunicipality
from tests.unit.lookup.a_register import lives, register_of_persons

pytestmark = pytest.mark.kafka

ANNA, THERE = "123456782", "0362"


def publish(system: System, signal_id: str, kind: SignalKind = SignalKind.REPORTED) -> None:
    signal = an_arrears_signal(
        signal_id=signal_id,
        kind=kind,
        amount_cents=110_000 if kind is SignalKind.REPORTED else 0,
        partner_type=PartnerType.HEALTH,
        resident=Resident(bsn=ANNA),
    )
    with ArrearsPublisher(system.bootstrap, "health") as publisher:
        publisher.report(signal)


@contextmanager
def forwarding(system: System, other: OtherMunicipality, folder: Path) -> Iterator[None]:
    (folder / "secret").write_text(SECRET)
    file = folder / "municipalities.toml"
    file.write_text(
        f'[[municipality]]\ncode = "{THERE}"\ngateway = "{other.origin}"\n'
        f'token_url = "{other.origin}/token"\nclient_id = "{CLIENT}"\n'
        f'client_secret_file = "{folder / "secret"}"\n'
    )
    config = ForwardingConfig(
        cluster=Cluster(system.bootstrap, {}, LocalRegistry()),
        group="eropaf",
        creditors=tuple(system.environment["EROPAF_CREDITORS"].split(",")),
        secret=system.environment["EROPAF_HOUSEHOLD_SECRET"].encode(),
        to=read_municipalities(file, "0363"),
        ground="of this test",
        fresh_s=24 * 3600.0,
        state_dir=folder,
    )
    stopped = threading.Event()
    runs = threading.Thread(target=forward, args=(config, stopped))
    runs.start()
    try:
        yield
    finally:
        stopped.set()
        runs.join()


def test_what_waits_for_who_lives_elsewhere_goes_there_and_good_news_after_it(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    def heard() -> list[tuple[str, str, str | None]]:
        told = [value for _, value in system.read("feedback.health", "CreditorFeedback")]
        return [(each["signal_id"], each["status"], each["reason"]) for each in told]

    with (
        register_of_persons() as persons,
        OtherMunicipality().serving() as other,
        running(fresh, tmp_path) as system,
    ):
        persons.persons = {ANNA: lives("1181 AB", 7, municipality=THERE)}
        publish(system, "s-1")
        other.status = 503
        with asking(system, persons, fresh_s=24 * 3600.0), forwarding(system, other, tmp_path):
            until(lambda: other.posts > 0, PATIENCE_S, "a try")
            assert heard() == [], "nothing is told while nobody has it"
            other.status = 202
            until(lambda: heard() != [], PATIENCE_S, "the creditor's answer")
            assert heard() == [("s-1", "NOT_A_RESIDENT", "forwarded")]
        assert [each.signal_id for each in other.stored.values()] == ["health/s-1"]
        posts = other.posts

        publish(system, "s-2", SignalKind.PAID)
        with forwarding(system, other, tmp_path):
            until(lambda: other.posts > posts, PATIENCE_S, "the payment there")
            system.at_rest()
        assert [each.signal_id for each in other.stored.values()] == ["health/s-1", "health/s-2"]
        assert other.posts == posts + 1, "each once, the first not again"
        assert heard() == [("s-1", "NOT_A_RESIDENT", "forwarded")], "good news needs no answer"
        assert system.updates() == [], "nobody of this municipality"
