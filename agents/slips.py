"""Contact slips: a creditor's own word on how its customer is reached ends with the arrears."""

from __future__ import annotations

from collections.abc import Iterable

from eropaf.risk.household import Folded
from eropaf.risk.records import HouseholdEvent
from eropaf.risk.rows import HouseholdRow
from eropaf.risk.slips import Contract, slips_ended
from eropaf.streams.runtime.batch import Batch
from eropaf_client.schemas.topics import contacts


class Slips:
    """Deletes the slips of `creditors`; of a retired one the topic may be gone."""

    def __init__(self, creditors: Iterable[str]) -> None:
        self._topics = {creditor: contacts(creditor) for creditor in creditors}

    def forget(
        self,
        batch: Batch,
        before: HouseholdRow | None,
        event: HouseholdEvent,
        folded: Folded,
        stored_at: int,
    ) -> None:
        """Write a tombstone for each slip whose arrears no longer stand after `event`."""
        self.end(batch, slips_ended(before, event, folded), stored_at)

    def end(self, batch: Batch, contracts: Iterable[Contract], stored_at: int) -> None:
        """Write a tombstone for the slip of each of `contracts`."""
        for creditor, contract in contracts:
            topic = self._topics.get(creditor)
            if topic is not None:
                batch.emit(topic, contract.encode(), None, stored_at)
