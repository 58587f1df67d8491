"""Finds a household by its key, an address in any spelling, or a resident's BSN.

A resident whom the register does not know is found by their own key, nowhere: their signals wait.
"""

from __future__ import annotations

import re
from collections import deque
from typing import Any

from eropaf.agents.topology import ROWS
from eropaf.cluster.readable import records
from eropaf.cluster.secret_kept import proven_secret
from eropaf.desk.held import latest
from eropaf.risk.address import normalise
from eropaf.risk.identity import BSN, household_key, resident_key
from eropaf.risk.records import NOWHERE, Address
from eropaf.settings import Settings
from eropaf.streams.runtime.stage import changelog
from eropaf_client.errors import ClientError
from eropaf_client.schemas.aside import Asides
from eropaf_client.schemas.limits import HOUSEHOLD_KEY
from eropaf_client.schemas.topics import RESIDENTS

ADDRESS = re.compile(r"\s*([0-9]{4}\s*[A-Za-z]{2})[\s,]+([0-9]+)\s*(.*)")
LONGEST = 200
WHO = 'an address as "1011 AB 12 hs", the nine digits of a BSN, or a household key (32 hexadecimal digits)'
WHICH = 'a household key (32 hexadecimal digits), or an address as "1011 AB 12 hs"'


class UnknownHousehold(ClientError):
    """Nothing is kept under the household's key."""

    code = "unknown-household"


def is_who(text: str) -> bool:
    """Return whether `text` is written as an address, a BSN or a household's key is."""
    return len(text) <= LONGEST and (is_bsn(text) or is_which(text))


def is_which(text: str) -> bool:
    """Return whether `text` has the form of a household key or an address."""
    return HOUSEHOLD_KEY.fullmatch(text) is not None or (
        len(text) <= LONGEST and ADDRESS.fullmatch(text) is not None
    )


def is_bsn(text: str) -> bool:
    """Return whether `text` has the form of a BSN."""
    return BSN.fullmatch(text.strip()) is not None


def key_of(settings: Settings, text: str) -> tuple[str, str | None]:
    """Return the household key that `text` is or whose address it is; and the area, if known.

    Raises:
        SettingsError: the cluster's keys were made with another secret.

    """
    if HOUSEHOLD_KEY.fullmatch(text):
        return text, None
    address = read_address(text)
    return household_key(address, proven_secret(settings)), address.area


def household_of(settings: Settings, who: str, asides: Asides) -> tuple[str, Address]:
    """Return the household key and the address of `who`.

    Of a resident without an entry in the register: the resident's key, and NOWHERE.

    Raises:
        Refused: the address or BSN is impossible.
        UnknownHousehold: nothing is kept under the key.

    """
    if HOUSEHOLD_KEY.fullmatch(who):
        return who, _address_kept(settings, who, asides)
    secret = proven_secret(settings)
    if not is_bsn(who):
        address = read_address(who)
        return household_key(address, secret), address
    resident = resident_key(who.strip(), secret)
    lives_at = _in_register(settings, resident, asides)
    return (resident, NOWHERE) if lives_at is None else (household_key(lives_at, secret), lives_at)


def written(address: Address) -> str:
    """Return an address as it is said here."""
    return f"{address.postcode} {address.house_number} {address.addition}".rstrip()


def address_in(residence: dict[str, Any]) -> Address:
    """Return the address of a Residence."""
    return Address.from_record(residence["address"])


def residents_at(settings: Settings, who: str, address: Address, asides: Asides) -> set[bytes]:
    """Return the keys of the residents of `address` in the register, and of `who`."""
    if address == NOWHERE:
        own = who if HOUSEHOLD_KEY.fullmatch(who) else resident_key(who.strip(), settings.secret())
        return {own.encode()}
    found = set[bytes]()
    for message, lives_at in records(settings, RESIDENTS, "Residence", asides, address_in):
        (found.add if lives_at == address else found.discard)(message.key())
    if is_bsn(who):
        found.add(resident_key(who.strip(), settings.secret()).encode())
    return found


def _in_register(settings: Settings, resident: str, asides: Asides) -> Address | None:
    key = resident.encode()
    of_him = records(settings, RESIDENTS, "Residence", asides, address_in, lambda each: each.key() == key)
    newest = deque((address for _, address in of_him), maxlen=1)
    return newest[0] if newest else None


def _address_kept(settings: Settings, household: str, asides: Asides) -> Address:
    """Return the address as the household's row has it: earlier rules may have spelled it otherwise.

    Where there is no row, as the register has it. NOWHERE, where it is the key of a resident whom the
    register did not know when they asked.
    """
    key = [household.encode()]
    rows = latest(settings, key, changelog(settings.group, "household"), ROWS["household"], asides)
    if rows and (address := Address.from_record(rows[0]["address"])) != NOWHERE:
        return address
    secret = proven_secret(settings)
    for _, lives_at in records(settings, RESIDENTS, "Residence", asides, address_in):
        if lives_at is not None and household_key(lives_at, secret) == household:
            return lives_at
    if latest(settings, key, changelog(settings.group, "resident"), ROWS["resident"], asides):
        return NOWHERE
    raise UnknownHousehold("nothing is kept of a household of this key; say the address instead")


def read_address(text: str) -> Address:
    """Return the address that a text of the form of `ADDRESS` says.

    Raises:
        Refused: it is impossible.

    """
    found = ADDRESS.fullmatch(text)
    assert found is not None  # noqa: S101  # whoever asks has looked with is_who or is_which
    return normalise(found[1], found[2], found[3])
