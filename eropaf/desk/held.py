"""Everything held on one household, in any topic, for its residents (GDPR art. 15)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from eropaf.agents.topology import ROWS
from eropaf.cluster.readable import records
from eropaf.desk.slip_seals import opened_contact
from eropaf.gateway.logboek.activities import activity_of
from eropaf.gateway.logboek.subjects import Subjects
from eropaf.risk.address import normalise
from eropaf.risk.identity import household_key, resident_key
from eropaf.risk.positions import is_open
from eropaf.risk.refusal import Refused
from eropaf.risk.rows import HouseholdRow
from eropaf.settings import Settings
from eropaf.streams.operate.letters import NOTES
from eropaf.streams.runtime.stage import changelog
from eropaf_client.reading import read_all
from eropaf_client.schemas.aside import Asides
from eropaf_client.schemas.errors import Undecodable
from eropaf_client.schemas.topics import (
    ARREARS,
    AUDIT,
    CLAIMS,
    DOOR_SAFETY,
    HOUSEHOLD_EVENTS,
    HOUSEHOLD_RISK,
    OUTCOMES,
    PRIORITIES,
    REGISTER_MISMATCHES,
    REJECTED,
    RESIDENT_EVENTS,
    RESIDENTS,
    UNRESOLVED_SIGNALS,
    arrears,
    contacts,
    feedback,
    questions,
)
from eropaf_client.schemas.wire import Codec

Found = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Whose:
    """A household's key, and its residents' keys."""

    household: str
    residents: frozenset[bytes]
    secret: bytes

    def is_told_of(self, signal: dict[str, Any]) -> bool:
        """Return whether a signal concerns it: by the address in any spelling, or a resident's BSN."""
        resident = signal["resident"]
        try:
            if resident["bsn"] is not None:
                return resident_key(resident["bsn"], self.secret).encode() in self.residents
            address = normalise(resident["postcode"], resident["house_number"], resident["addition"])
        except Refused:
            return False
        return household_key(address, self.secret) == self.household


@dataclass(frozen=True, slots=True)
class Search:
    """Reads topics by key; keeps what could not be read, and what the records say was done."""

    settings: Settings
    asides: Asides = field(default_factory=Asides)
    processings: Found = field(default_factory=list)

    def under(self, keys: Iterable[bytes], topic: str, record: str) -> Found:
        """Return the usable records under `keys`."""
        return [value for values in self._by_key(keys, topic, record).values() for value in values]

    def latest(self, keys: Iterable[bytes], topic: str, record: str) -> Found:
        """Return the newest usable record under each of `keys`."""
        return [values[-1] for values in self._by_key(keys, topic, record).values()]

    def marks(self, household: str) -> Found:
        """Return how workers go to a household, until when; nothing where it is not marked."""
        found = self.latest([household.encode()], DOOR_SAFETY, "DoorSafety")
        return [{name: mark[name] for name in ("at", "level", "until")} for mark in found]

    def _by_key(self, keys: Iterable[bytes], topic: str, record: str) -> dict[bytes, Found]:
        """Return the records under each of `keys`: a tombstone ends what came before it."""
        keys = frozenset(keys)
        found: dict[bytes, Found] = {}

        def wanted(message: Any) -> bool:
            if message.key() not in keys:
                return False
            self.processings.extend(_processing(message))
            return True

        for message, value in records(self.settings, topic, record, self.asides, dict, wanted):
            if value is None:
                found.pop(message.key(), None)
            else:
                found.setdefault(message.key(), []).append(value)
        return found


def everything(settings: Settings, whose: Whose) -> dict[str, Any]:
    """Return what every topic holds on a household, except its sealed explanation.

    That it was opened, claimed or marked as unsafe to visit, but not by whom: a colleague's name is the
    colleague's own. What was done with it is listed from the same records, by the same rule, as the
    processing log is told. An unreadable dead letter cannot be searched; one under the household's key is
    listed by its place, under `unreadable`.
    """
    search = Search(settings)
    under = search.under
    key, residents = frozenset({whose.household.encode()}), whose.residents
    rows = {name: changelog(settings.group, name) for name in ROWS}
    # What residents said whom the register did not know yet stands under their own keys.
    events = under(key | residents, HOUSEHOLD_EVENTS, "HouseholdEvent")
    signals = {one: _signals(settings, one, whose) for one in settings.creditors}
    contracts = _contracts(settings.creditors, events, signals)
    state = under(key, rows["household"], ROWS["household"])
    of_residents = search.latest(residents, rows["resident"], ROWS["resident"])
    held = {
        "household": whose.household,
        "state": _last(state),
        "risk": _last(under(key, HOUSEHOLD_RISK, "HouseholdRisk")),
        "told": _last(under(key, rows["ranking"], ROWS["ranking"])),
        "updates": under(key, PRIORITIES, "PriorityUpdate"),
        "events": events,
        "outcomes": under(key, OUTCOMES, "OutreachOutcome"),
        "signals": signals,
        "feedback": {one: under(keys, feedback(one), "CreditorFeedback") for one, keys in contracts.items()},
        "questions": {
            one: under(keys, questions(one), "CreditorQuestion") for one, keys in contracts.items()
        },
        "contacts": _contacts(search, state[-1:], of_residents),
        "register": search.latest(residents, RESIDENTS, "Residence"),
        "residents": of_residents,
        "mismatches": search.latest(residents, REGISTER_MISMATCHES, "RegisterMismatch"),
        "on_bsn": under(residents, UNRESOLVED_SIGNALS, "UnresolvedSignal"),
        "said_by_residents": under(residents, RESIDENT_EVENTS, "HouseholdEvent"),
        "rejected": _rejected(settings, whose, search.asides),
        "claims": [
            {"at": claim["at"], "held": claim["holder"] is not None}
            for claim in under(key, CLAIMS, "OutreachClaim")
        ],
        "safety": search.marks(whose.household),
        "opened": [
            {"at": entry["at"], "what": entry["what"], "purpose": entry["purpose"]}
            for entry in under(key | residents, AUDIT, "AuditEntry")
        ],
        "processings": sorted(search.processings, key=itemgetter("timestamp_ms")),
        "processing_log_subjects": _subjects(settings, sorted(key | residents), contracts),
    }
    asides = search.asides
    return held | {"unreadable": {"records": asides.total, "first": [str(each) for each in asides.first]}}


def _last(found: Found) -> dict[str, Any] | None:
    return found[-1] if found else None


def events_of(settings: Settings, household: str) -> Found:
    """Return the events of a household, oldest first; what cannot be read is left out."""
    return Search(settings).under([household.encode()], HOUSEHOLD_EVENTS, "HouseholdEvent")


def marks_of(settings: Settings, household: str) -> Found:
    """Return how workers go to a household, until when; what cannot be read is left out."""
    return Search(settings).marks(household)


def latest(
    settings: Settings, keys: Iterable[bytes], topic: str, record: str, asides: Asides | None = None
) -> Found:
    """Return the newest usable record under each of `keys`; what cannot be read goes into `asides`."""
    search = Search(settings) if asides is None else Search(settings, asides)
    return search.latest(keys, topic, record)


def _processing(message: Any) -> Iterator[dict[str, Any]]:
    """Yield when a record says what was done, what for and on which ground; nothing, where it says none."""
    activity = activity_of(message.topic(), message.key(), message.value())
    if activity is not None:
        yield {
            "timestamp_ms": message.timestamp()[1],
            "activity": activity.code,
            "what": activity.name,
            "purpose": activity.purpose,
            "ground": activity.ground,
        }


def _subjects(settings: Settings, keys: Iterable[bytes], contracts: dict[str, frozenset[bytes]]) -> list[str]:
    """Return under which pseudonyms the processing log has them; none without its secret."""
    if settings.logboek_secret is None:
        return []
    subjects = Subjects(settings.logboek_secret.get_secret_value().encode())
    of_contracts = (subjects.contract(one, each) for one, keys in contracts.items() for each in sorted(keys))
    return [*(subjects.household(key.decode()) for key in keys), *of_contracts]


def _signals(settings: Settings, creditor: str, whose: Whose) -> Found:
    topic = arrears(creditor)
    decode = Codec("ArrearsSignal", topic, settings.registry()).decode
    values = (each.value() for each in read_all(settings.cluster(), topic))
    return [signal for signal in _readable(values, decode) if whose.is_told_of(signal)]


def _readable(
    values: Iterable[bytes | None], decode: Callable[[bytes | None], dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    for value in values:
        try:
            yield decode(value)
        except Undecodable:
            continue


def _contracts(
    creditors: Iterable[str], events: Found, signals: dict[str, Found]
) -> dict[str, frozenset[bytes]]:
    """Return the household's contracts of each creditor."""
    contracts = {(one, signal["contract"]) for one, found in signals.items() for signal in found}
    told = (event["signal"] for event in events if event["signal"] is not None)
    contracts |= {(signal["creditor"], signal["contract"]) for signal in told}
    return {
        one: frozenset(contract.encode() for creditor, contract in contracts if creditor == one)
        for one in creditors
    }


def _contacts(search: Search, rows: Found, of_residents: Found) -> dict[str, Found]:
    """Return the contact slips beside arrears that stand or wait, opened where this process holds the key.

    What was signalled here earlier may have moved along with somebody, whose slip it is. By contract: they
    come from several partitions, in no order.
    """
    return {
        one: [
            _slip(kept, search.settings)
            for kept in sorted(
                search.under(standing(rows, one) | _waiting(of_residents, one), contacts(one), "ContactSlip"),
                key=itemgetter("contract"),
            )
        ]
        for one in search.settings.creditors
    }


def standing(rows: Found, creditor: str) -> frozenset[bytes]:
    """Return the creditor's contracts of which arrears stand in a household's rows."""
    positions = (each for row in rows for each in HouseholdRow.from_record(row).positions)
    return frozenset(
        each.contract.encode() for each in positions if each.creditor == creditor and is_open(each)
    )


def _waiting(of_residents: Found, creditor: str) -> frozenset[bytes]:
    """Return the creditor's contracts whose signals wait for their resident's address."""
    signals = (each["signal"] for row in of_residents for each in row["waiting"])
    return frozenset(each["contract"].encode() for each in signals if each["creditor"] == creditor)


def _slip(kept: dict[str, Any], settings: Settings) -> dict[str, Any]:
    contact = opened_contact(kept, settings.slips_private_keys)
    opened = {"name": None, "phone": None, "email": None} if contact is None else vars(contact)
    return {"contract": kept["contract"], "given_at": kept["given_at"], "sealed": contact is None, **opened}


def _rejected(settings: Settings, whose: Whose, asides: Asides) -> Found:
    registry = settings.registry()
    keys = whose.residents | {whose.household.encode()}
    found = []
    for _, letter in records(settings, REJECTED, "Rejected", asides, dict):
        if letter is None or letter["reason"] in NOTES:
            continue
        topic = letter["topic"]
        said: dict[str, Any] | None = None
        if topic.startswith(ARREARS):
            signals = _readable([letter["value"]], Codec("ArrearsSignal", topic, registry).decode)
            said = next((signal for signal in signals if whose.is_told_of(signal)), None)
        if said is not None or (not topic.startswith(ARREARS) and letter["key"] in keys):
            kept = {name: letter[name] for name in ("reason", "detail", "topic", "timestamp_ms")}
            found.append(kept | {"signal": said})
    return found
