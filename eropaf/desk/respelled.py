"""Households whose address an earlier version spelled otherwise: no signal of today leads to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from eropaf.agents.topology import ROWS
from eropaf.cluster.readable import records, say
from eropaf.desk.whom import written
from eropaf.risk.address import normalise
from eropaf.risk.records import Address
from eropaf.risk.refusal import Refused
from eropaf.settings import Settings
from eropaf.streams.runtime.stage import changelog
from eropaf_client.schemas.aside import Asides


@dataclass(frozen=True, slots=True)
class Respelled:
    """One such household: its key, its address now (None: no signal can have it), and who objects there."""

    household: str
    today: Address | None
    objected: bool
    objectors: int

    def __str__(self) -> str:
        address = self.today
        spelled = "no address any more"
        if address is not None:
            spelled = written(address)
        says = ["objected"] if self.objected else []
        if self.objectors:
            says.append(f"residents who object: {self.objectors}")
        return "  ".join([self.household, spelled, ", ".join(says) or "no objection"])


def kept(settings: Settings) -> list[Respelled]:
    """Read the rows of all households; return those that are spelled otherwise today.

    Raises:
        BrokerUnreachable, NotPermitted, TopicMissing: nobody says which there are.
    """
    asides, rows = Asides(), dict[str, dict[str, Any] | None]()
    topic = changelog(settings.group, "household")
    for message, row in records(settings, topic, ROWS["household"], asides, dict):
        rows[message.key().decode(errors="replace")] = row
    say(asides)
    return list(respelled(rows.items()))


def respelled(rows: Iterable[tuple[str, dict[str, Any] | None]]) -> Iterator[Respelled]:
    """Yield the households whose row spells their address as today's rules do not.

    Those with an objection too that were never on the list: nothing else names them.
    """
    for household, row in rows:
        if row is None or row.get("address") is None:  # forgotten, or a partition's own row
            continue
        address = Address.from_record(row["address"])
        today = _today(address)
        if today != address:
            yield Respelled(household, today, row["objected"], len(row["objectors"]))


def _today(address: Address) -> Address | None:
    try:
        return normalise(address.postcode, str(address.house_number), address.addition)
    except Refused:
        return None
