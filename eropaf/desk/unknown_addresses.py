"""Signals on addresses that the address register does not have: a clerk says which one is meant, if any is.

Nothing is decided at intake: what is decided is an event of the household, which a replay repeats (ADR 12).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from enum import StrEnum
from typing import Any, NamedTuple, Self

from pydantic import Field, model_validator

from eropaf.agents.topology import ROWS
from eropaf.board.address_register import AddressRegister
from eropaf.board.explaining import Asking
from eropaf.board.user import Role
from eropaf.cluster.appending import appender, new_id, now_ms
from eropaf.cluster.policy_held import in_force
from eropaf.cluster.readable import records
from eropaf.cluster.secret_kept import proven_secret
from eropaf.desk.deeds import Answer, Deed, aside, must_see
from eropaf.desk.opening import trace
from eropaf.desk.whom import ADDRESS, LONGEST, read_address, written
from eropaf.risk.calendar import EPOCH
from eropaf.risk.identity import household_key
from eropaf.risk.positions import is_open
from eropaf.risk.records import Address, Departure, HouseholdEvent
from eropaf.risk.rows import HouseholdRow, Position
from eropaf.settings import Settings
from eropaf.streams.runtime.record import Output
from eropaf.streams.runtime.stage import changelog
from eropaf_client.errors import ClientError
from eropaf_client.schemas.aside import Asides
from eropaf_client.schemas.limits import HOUSEHOLD_KEY

CORRECTED = "address-corrected"
UNKNOWN = "address-unknown"
REGISTER = "address-register"
# A street of flats at one number is not chosen from: the address is typed.
MOST_CANDIDATES = 20
# In one transaction, each with its trace.
MOST_ANSWERED = 1_000


class NoUnknownAddress(ClientError):
    """No signal stands on such an address any more, or the register has it. Nothing was done."""

    code = "no-unknown-address"


class Meant(StrEnum):
    """What a clerk can say of an address that is in no register."""

    ANOTHER = "another"
    NONE = "none"


class _Unknown(NamedTuple):
    """A household at such an address: what stands there on the address alone, and which may be meant."""

    household: str
    address: Address
    positions: tuple[Position, ...]
    candidates: tuple[Address, ...]


class UnknownAddresses(Deed):
    """Name the addresses with signals that the address register does not have."""

    name = "unknown-addresses"
    role = Role.CLERK

    def do(self, settings: Settings, asking: Asking) -> Answer:
        """Return each with since when, how many contracts, and which may be meant; no amount.

        `register` says whether there is a register at all.
        """
        asides, policy = Asides(), in_force(settings)
        if settings.board_address_register is None:
            return {"register": False, "addresses": [], **aside(asides)}
        found = [each for each in _unknown(settings, asides) if asking.may(each.household, each.address.area)]
        told = [
            {
                "household": each.household,
                "address": written(each.address),
                "since": (EPOCH + timedelta(policy.zone.day_of(_since(each)))).isoformat(),
                "contracts": len(each.positions),
                "candidates": [written(one) for one in each.candidates],
            }
            for each in sorted(found, key=lambda each: (_since(each), each.household))
        ]
        return {"register": True, "addresses": told, **aside(asides)}


class SettleAddress(Deed):
    """Say which address is meant by one that there is not, or that none is."""

    name = "address-settled"
    role = Role.CLERK

    household: str = Field(pattern=HOUSEHOLD_KEY.pattern)
    meant: Meant
    address: str = Field("", max_length=LONGEST)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.meant is Meant.ANOTHER) != (ADDRESS.fullmatch(self.address) is not None):
            raise ValueError('say an address as "1011 AB 12 hs" that is meant, or that none is')
        return self

    def do(self, settings: Settings, asking: Asking) -> Answer:
        """Tell the household, in one transaction with a trace; return what was decided.

        Signals go to the address that is meant, or their creditors hear that there is no such address.
        """
        secret = proven_secret(settings)
        found = next(
            (each for each in _unknown(settings, Asides()) if each.household == self.household), None
        )
        if found is None:
            raise NoUnknownAddress(
                "no signal stands on an address of this household that the register does not have. "
                "Nothing was done"
            )
        must_see(asking, found.household, found.address.area)
        address = read_address(self.address) if self.meant is Meant.ANOTHER else None
        if address is not None:
            must_see(asking, household_key(address, secret), address.area)
        opened = appender(settings)
        opened.write(_decided(settings, opened, asking, found, address))
        return {"decided": UNKNOWN if address is None else CORRECTED}


class AnswerUnknownAddresses(Deed):
    """Answer all signals on addresses of which the register has not even the number."""

    name = "addresses-answered"
    role = Role.CLERK

    def do(self, settings: Settings, asking: Asking) -> Answer:
        """Return how many addresses were answered; where another may be meant, a clerk chooses."""
        asides = Asides()
        proven_secret(settings)
        found = [
            each
            for each in _unknown(settings, asides)
            if not each.candidates and asking.may(each.household, each.address.area)
        ][:MOST_ANSWERED]
        if found:
            opened = appender(settings)
            opened.write(
                [record for each in found for record in _decided(settings, opened, asking, each, None)]
            )
        return {"answered": len(found), **aside(asides)}


def _unknown(settings: Settings, asides: Asides) -> Iterator[_Unknown]:
    """Yield the households with open signals on an address alone that the register does not have.

    Where a signal came by the residents' register the address is one.
    """
    if settings.board_address_register is None:
        return
    rows: dict[str, HouseholdRow] = {}
    topic = changelog(settings.group, "household")
    for message, row in records(settings, topic, ROWS["household"], asides, HouseholdRow.from_record):
        household = message.key().decode(errors="replace")
        rows.pop(household, None)
        if row is not None and any(is_open(each) for each in row.positions):
            rows[household] = row
    with closing(AddressRegister(settings.board_address_register)) as register:
        for household, row in rows.items():
            positions = tuple(each for each in row.positions if is_open(each))
            if any(each.resident_key is not None for each in positions):
                continue
            at = row.address
            additions = register.additions(at.postcode, at.house_number)
            if at.addition not in additions:
                candidates = [Address(at.postcode, at.house_number, each) for each in additions]
                yield _Unknown(household, at, positions, tuple(candidates[:MOST_CANDIDATES]))


def _since(unknown: _Unknown) -> int:
    return min(each.reported_at for each in unknown.positions)


def _decided(
    settings: Settings, opened: Any, asking: Asking, found: _Unknown, address: Address | None
) -> list[Output]:
    """Return an event for each contract, and the trace."""
    at, event_id = now_ms(), new_id("address")
    there = None if address is None else household_key(address, settings.secret())
    events = [
        HouseholdEvent(
            found.household,
            f"{event_id}/{number}",
            at,
            departure=Departure(
                each.creditor, each.contract, there, address, address_unknown=address is None
            ),
        )
        for number, each in enumerate(found.positions)
    ]
    what = UNKNOWN if address is None else CORRECTED
    left = trace(settings, asking.who, found.household, what, REGISTER)
    return [*(opened.event(each, at) for each in events), left]
