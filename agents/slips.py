"""Contact slips: a creditor's own word on how its customer is reached ends with the arrears."""

from __future__ import annotations

from collections.abc import Iterable

from eropaf.risk.household import Folded
from eropaf.risk.records import HouseholdEvent
from eropaf.risk.rows import HouseholdRow
from eropaf.risk.slips import slips_ended
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
        for creditor, contract in slips_ended(before, event, folded):
            topic = self._topics.get(creditor)
            if topic is not None:
                batch.emit(topic, contract.encode(), None, stored_at)
