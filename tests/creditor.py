"""A creditor's program that reports through an outbox, killed and started again at will."""

from __future__ import annotations

from pathlib import Path

from eropaf_client.delivery import Delivery
from eropaf_client.outbox import Kept, Outbox, canonical
from tests.fakes import FakePost, FakeTopic


def kept(number: int, version: int = 1, amount: int = 100) -> Kept:
    name = f"S-{number}"
    return Kept(
        name, version, f"C-{number}", f"{name} {version} {amount}".encode(), canonical({"amount": amount})
    )


class Creditor:
    """An outbox and what brings it to the broker; killed and started again at will."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.topic = FakeTopic()
        self.start()

    def start(self) -> None:
        self.outbox = Outbox(self.path)
        self.post = FakePost(self.topic)
        self.delivery = Delivery(self.outbox, self.post)
        self.delivery.begin()

    def kill(self) -> None:
        """End silently: what SQLite had not committed is gone."""
        self.outbox.db.shut()

    def report(self, *signals: Kept) -> None:
        self.outbox.put(signals)
        self.delivery.deliver()

    def report_again_and_again(self, *signals: Kept) -> None:
        """Report as a program does that keeps no record of how far it came."""
        for each in signals:
            self.report(each)

    @property
    def stored(self) -> list[bytes]:
        return [value for _, value in self.topic.records]
