"""A request of an outbox that was asked again, and whose first copy comes in the next transaction.

See `tests/integration/test_late_requests.py`: the broker takes a late commit, or late offsets, for those of
the transaction that is open now.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eropaf.deploy.embedded.installation import Installation
from eropaf.streams.operate.topics import Topic, admin, ensure
from eropaf_client.errors import NotAcknowledged
from eropaf_client.outbox_publisher import OutboxPublisher
from eropaf_client.reading import read_all
from eropaf_client.schemas.topics import arrears
from tests.builders import an_arrears_signal
from tests.chaos.proxy import END_TXN, TXN_OFFSET_COMMIT
from tests.integration.processes import PATIENCE_S, at_last
from tests.integration.test_late_requests import TIMES, Behind

pytestmark = pytest.mark.kafka


@pytest.fixture(scope="module")
def broker(installation: Installation) -> Iterator[Behind]:
    with Behind(installation) as running:
        ensure(admin(running.near, {}), [Topic(arrears("rent"), 2), Topic(arrears("water"), 2)])
        yield running


@pytest.mark.parametrize(
    ("creditor", "late", "before", "passed_by"),
    [("rent", END_TXN, TXN_OFFSET_COMMIT, 0), ("water", TXN_OFFSET_COMMIT, END_TXN, 1)],
    ids=["commit", "offsets"],
)
def test_what_comes_late_stores_no_signal_of_an_outbox_twice_and_loses_none(
    broker: Behind, tmp_path: Path, creditor: str, late: int, before: int, passed_by: int
) -> None:
    reported: list[str] = []

    with OutboxPublisher(broker.bootstrap, creditor, tmp_path / "outbox.db") as publisher:

        def report() -> None:
            reported.append(f"S-{len(reported)}")
            signal = an_arrears_signal(signal_id=reported[-1], contract=f"C-{len(reported)}")
            at_last(lambda: publisher.report(signal), NotAcknowledged)

        for _ in range(TIMES):
            request = broker.network.hold_back(late, before, passed_by)
            report()
            report()
            assert request.arrived.wait(PATIENCE_S)
        assert publisher.waiting == 0

    # An older position than the file's is taken for an older copy of it.
    with OutboxPublisher(broker.bootstrap, creditor, tmp_path / "outbox.db") as again:
        assert again.waiting == 0
    stored = [record.key() for record in read_all(broker.near, arrears(creditor))]
    assert len(stored) == len(reported) == len(set(stored))
