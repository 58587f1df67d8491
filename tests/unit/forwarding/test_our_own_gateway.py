"""What is forwarded is what our own gateway takes: another municipality's is one like it."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from eropaf.lookup.forwarding.other_gateway import for_another
from eropaf_client.records import ConsentOffer, Crisis, CrisisKind, OwnEffort, Resident
from eropaf_client.schemas.limits import LONGEST_TEXT
from tests.builders import an_arrears_signal
from tests.certificates import Identities
from tests.unit.gateway.a_cluster import FakeCluster, client, cluster, identities, opened

__all__ = ["cluster", "identities"]


@pytest.mark.parametrize("cluster", [("neighbour",)], indirect=True)
def test_what_is_forwarded_is_taken_by_our_own_gateway_once(
    cluster: FakeCluster, identities: Identities
) -> None:
    signal = an_arrears_signal(
        signal_id="s-1",
        contract="c-1",
        arrears_since=date(2026, 1, 2),
        own_effort=OwnEffort(True, True, 1, ConsentOffer.NO_ANSWER),
        crisis=Crisis(CrisisKind.EVICTION, date(2026, 4, 1)),
        handover_wish=True,
        resident=Resident(bsn="999990019"),
    )
    sent = for_another(signal.to_record(), "rent")
    assert sent is not None

    async def posted() -> None:
        headers = {"Content-Type": "application/json", "Idempotency-Key": "arrears.rent-3-14"}
        async with (
            opened(cluster, identities) as made,
            client(made, identities.of("neighbour").header, **headers) as neighbour,
        ):
            first = await neighbour.post("/v1/signals", content=sent)
            again = await neighbour.post("/v1/signals", content=sent)
            assert (first.status_code, again.status_code) == (202, 202), first.text

    asyncio.run(posted())

    (stored,) = cluster.signals("neighbour")
    theirs = {"signal_id": "rent/s-1", "contract": "rent/c-1"}
    assert stored == {**stored, **signal.to_record(), **theirs}


def test_names_that_would_be_too_long_there_are_not_sent() -> None:
    name = "c" * (LONGEST_TEXT - len("rent/"))

    assert for_another(an_arrears_signal(contract=name).to_record(), "rent") is not None
    assert for_another(an_arrears_signal(contract=f"{name}c").to_record(), "rent") is None
    assert for_another(an_arrears_signal(signal_id=f"{name}c").to_record(), "rent") is None
