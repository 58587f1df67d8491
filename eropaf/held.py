"""Everything that is held on one household, wherever it stands, for who lives there (GDPR art. 15)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from eropaf.agents.topology import ROWS
from eropaf.risk.address import normalise
from eropaf.risk.identity import household_key, resident_key
from eropaf.risk.refusal import Refused
from eropaf.settings import Settings
from eropaf.streams.operate.letters import REPLAYED
from eropaf.streams.runtime.stage import changelog
from eropaf_client.reading import read_all
from eropaf_client.schemas.errors import Undecodable
from eropaf_client.schemas.topics import (
    ARREARS,
    AUDIT,
    CLAIMS,
    HOUSEHOLD_EVENTS,
    HOUSEHOLD_RISK,
    OUTCOMES,
    PRIORITIES,
    REJECTED,
    RESIDENTS,
    UNRESOLVED_SIGNALS,
    arrears,
    feedback,
)
from eropaf_client.schemas.wire import Codec

Found = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Whose:
    """A household, by its key, and its residents, by theirs."""

    household: str
    residents: frozenset[bytes]
    secret: bytes

    def is_told_of(self, signal: dict[str, Any]) -> bool:
        """Say whether an ArrearsSignal is about it: by the address in any spelling, or a resident's BSN."""
        resident = signal["resident"]
        try:
            if resident["bsn"] is not None:
                return resident_key(resident["bsn"], self.secret).encode() in self.residents
            address = normalise(resident["postcode"], resident["house_number"], resident["addition"])
        except Refused:
            return False
        return household_key(address, self.secret) == self.household


def everything(settings: Settings, whose: Whose) -> dict[str, Any]:
    """Give what every topic holds of a household, but for its sealed explanation.

    Of who opened or claimed it, that and what for; not who: a colleague's name is his own. A record
    that was set aside because nobody can read it cannot be searched either.
    """
    key, residents = frozenset({whose.household.encode()}), whose.residents
    rows = {name: changelog(settings.group, name) for name in ROWS}
    events = _under(settings, key, HOUSEHOLD_EVENTS, "HouseholdEvent")
    signals = {one: _signals(settings, one, whose) for one in settings.creditors}
    return {
        "household": whose.household,
        "state": _last(_under(settings, key, rows["household"], ROWS["household"])),
        "risk": _last(_under(settings, key, HOUSEHOLD_RISK, "HouseholdRisk")),
        "told": _last(_under(settings, key, rows["ranking"], ROWS["ranking"])),
        "updates": _under(settings, key, PRIORITIES, "PriorityUpdate"),
        "events": events,
        "outcomes": _under(settings, key, OUTCOMES, "OutreachOutcome"),
        "signals": signals,
        "feedback": _feedback(settings, events, signals),
        "register": latest(settings, residents, RESIDENTS, "Residence"),
        "residents": latest(settings, residents, rows["resident"], ROWS["resident"]),
        "on_bsn": _under(settings, residents, UNRESOLVED_SIGNALS, "UnresolvedSignal"),
        "rejected": _rejected(settings, whose),
        "claims": [
            {"at": claim["at"], "held": claim["holder"] is not None}
            for claim in _under(settings, key, CLAIMS, "OutreachClaim")
        ],
        "opened": [
            {"at": entry["at"], "what": entry["what"], "purpose": entry["purpose"]}
            for entry in _under(settings, key, AUDIT, "AuditEntry")
        ],
    }


def _last(found: Found) -> dict[str, Any] | None:
    return found[-1] if found else None


def _under(settings: Settings, keys: Iterable[bytes], topic: str, record: str) -> Found:
    """Give what stands under `keys`."""
    return [value for values in _by_key(settings, keys, topic, record).values() for value in values]


def latest(settings: Settings, keys: Iterable[bytes], topic: str, record: str) -> Found:
    """Give the newest that stands under each of `keys`."""
    return [values[-1] for values in _by_key(settings, keys, topic, record).values()]


def _by_key(settings: Settings, keys: Iterable[bytes], topic: str, record: str) -> dict[bytes, Found]:
    """Give what stands under each of `keys`: a tombstone ends what came before it."""
    decode = Codec(record, topic, settings.registry()).decode
    wanted = frozenset(keys)
    found: dict[bytes, Found] = {}
    for each in read_all(settings.bootstrap, topic, settings.kafka_client):
        if each.key() not in wanted:
            continue
        if each.value() is None:
            found.pop(each.key(), None)
        else:
            found.setdefault(each.key(), []).append(decode(each.value()))
    return found


def _signals(settings: Settings, creditor: str, whose: Whose) -> Found:
    topic = arrears(creditor)
    decode = Codec("ArrearsSignal", topic, settings.registry()).decode
    values = (each.value() for each in read_all(settings.bootstrap, topic, settings.kafka_client))
    return [signal for signal in _readable(values, decode) if whose.is_told_of(signal)]


def _readable(
    values: Iterable[bytes | None], decode: Callable[[bytes | None], dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    for value in values:
        try:
            yield decode(value)
        except Undecodable:
            continue


def _feedback(settings: Settings, events: Found, signals: dict[str, Found]) -> dict[str, Found]:
    """Give what creditors heard of the household's contracts."""
    contracts = {(one, signal["contract"]) for one, found in signals.items() for signal in found}
    told = (event["signal"] for event in events if event["signal"] is not None)
    contracts |= {(signal["creditor"], signal["contract"]) for signal in told}
    return {
        one: _under(
            settings,
            {contract.encode() for creditor, contract in contracts if creditor == one},
            feedback(one),
            "CreditorFeedback",
        )
        for one in settings.creditors
    }


def _rejected(settings: Settings, whose: Whose) -> Found:
    registry = settings.registry()
    letter_of = Codec("Rejected", REJECTED, registry).decode
    keys = whose.residents | {whose.household.encode()}
    found = []
    for each in read_all(settings.bootstrap, REJECTED, settings.kafka_client):
        letter = letter_of(each.value())
        topic = letter["topic"]
        if letter["reason"] == REPLAYED:
            continue
        said: dict[str, Any] | None = None
        if topic.startswith(ARREARS):
            signals = _readable([letter["value"]], Codec("ArrearsSignal", topic, registry).decode)
            said = next((signal for signal in signals if whose.is_told_of(signal)), None)
        if said is not None or (not topic.startswith(ARREARS) and letter["key"] in keys):
            kept = {name: letter[name] for name in ("reason", "detail", "topic", "timestamp_ms")}
            found.append(kept | {"signal": said})
    return found
