"""Two topics, and what hands on what they say of accepted help."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eropaf.gateway.cases.accepted import acceptances_reader, number_of
from eropaf.gateway.cases.book import Book
from eropaf.gateway.cases.delivery import Delivery, Taker
from eropaf_client.outcomes import EndResult, OutreachOutcome
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import OUTCOMES, PRIORITIES
from eropaf_client.schemas.wire import Codec
from tests.unit.gateway.a_cluster import FakeTopics
from tests.unit.gateway.test_gateway_outreach import ENCODE

OUTCOME = Codec("OutreachOutcome", OUTCOMES, LocalRegistry()).encode
AT = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)  # the day after, in Amsterdam
SOURCE = "urn:nld:oin:00000001823288444000:systeem:eropaf"
ANNA = f"{1:032x}"
PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "cases.md"


class World:
    """Two topics, and what hands on what they say."""

    def __init__(self, folder: Path, taker: Taker) -> None:
        self.topics = FakeTopics([OUTCOMES, PRIORITIES])
        self.path, self.taker = folder / "cases.ledger", taker
        self.now_s = datetime.now(UTC).timestamp()
        self.start()

    def start(self, **how: Any) -> None:
        self.book = Book(self.path)
        reader = acceptances_reader(self.topics, LocalRegistry())
        self.delivery = Delivery(reader, self.book, self.taker, lambda: self.now_s, **how)

    def kill_and_start(self) -> None:
        self.book.close()
        self.start()

    def lists(self, household: str, number: int = 1) -> None:
        told = {
            "update_id": f"U-{number}", "household": household, "sequence": 1,
            "address": {"postcode": "1011AB", "house_number": number, "addition": "2H"}, "area": "1011",
            "urgency": 5_000, "band": "HIGH", "respond_by": 20_600, "change": "RAISED",
            "policy_version": "v", "event_at": 1_772_442_000_000, "overruled": False, "action": "PHONE",
            "respond_by_norm": None,
        }  # fmt: skip
        self.topics.write(PRIORITIES, household, ENCODE(told))

    def comes_of(
        self, household: str, result: EndResult, outcome_id: str = "O-1", *, objects: bool | None = None
    ) -> str:
        outcome = OutreachOutcome(outcome_id, household, AT, result=result)
        self.topics.write(
            OUTCOMES, household, OUTCOME({**outcome.to_record(), "overrule": None, "objects": objects})
        )
        return number_of(household, outcome_id)

    def forget(self, household: str) -> None:
        self.topics.write(PRIORITIES, household, None)

    def goes_on(self, steps: int = 8) -> None:
        for _ in range(steps):
            self.delivery.step()

    def passes(self, hours: float, every_s: float = 600.0) -> None:
        ends = self.now_s + hours * 3600
        while self.now_s < ends:
            self.now_s += every_s
            self.goes_on(2)

    def states(self) -> dict[str, str]:
        return {each.number: each.state for each in self.book.rows()}
