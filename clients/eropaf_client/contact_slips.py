"""For creditors: how whoever has a contract is reached, sealed so that nobody reads it on the way.

Needs `pip install eropaf-client[contacts]` (PyNaCl).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from eropaf_client.cluster import Where, cluster
from eropaf_client.errors import Fault, InvalidContact, NotAcknowledged
from eropaf_client.lifetime import Closing
from eropaf_client.schemas.limits import LONGEST_TEXT
from eropaf_client.schemas.looks import seen
from eropaf_client.schemas.topics import contacts
from eropaf_client.sending import Sender

LONGEST_CONTACT = 100
# As dialled or as people write it: with neither 0 nor + in front, a spreadsheet took it for an amount.
PHONE = re.compile(r"[+0][0-9 ()./-]{6,24}")
EMAIL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+")
# Longer than any of them, so that a seal's length says nothing.
PADDED_BYTES = 1024
PUBLIC_KEY = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Contact:
    """How somebody is reached: at least a telephone number or an e-mail address.

    Its text form is a placeholder, so that no log line or exception can identify anybody.
    """

    name: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)


class ContactSlips(Closing):
    """Leaves sealed contact slips beside one creditor's signals.

        with ContactSlips("kafka:9092", "rent", public_key) as slips:
            slips.leave("contract-1", Contact("J. Jansen", phone="06 12345678"))
            publisher.report(signal)

    `public_key` is the municipality's for contact slips, 64 hexadecimal digits: it gives its creditors one if
    its policy takes slips, and else takes none. Leave a slip before its signal. The newest of a contract
    counts, and is deleted when its arrears end; leaving one again changes nothing.

    Raises:
        InvalidContact: there is no such key.
        BrokerUnreachable, NotAuthenticated, NotPermitted, TopicMissing: at the start, in time.
    """

    def __init__(self, where: Where, creditor: str, public_key: str) -> None:
        self._seal = Seal(public_key)
        self.topic = contacts(creditor)
        self._sender = Sender(cluster(where), self.topic, "ContactSlip")

    def close(self) -> None:
        """Wait for records in flight. Idempotent."""
        self._sender.close()

    def leave(self, contract: str, contact: Contact) -> None:
        """Seal and store one slip; return when it is stored.

        Raises:
            InvalidContact: it was not sent; `field` names what is wrong.
            NotAcknowledged: no answer in time; leave it again.
        """
        sent = self._sender.store(contract, self._sender.encode(self._seal.slip(contract, contact)))
        if sent.at is None:
            raise NotAcknowledged(
                f"a contact slip on {self.topic} was not acknowledged ({sent.error}). Leave it again, before "
                "its signal"
            )


class Seal:
    """Seals to the municipality's public key for contact slips, given as 64 hexadecimal digits.

    Raises:
        InvalidContact: it is no such key, or PyNaCl is not installed.
    """

    def __init__(self, public_key: str) -> None:
        if PUBLIC_KEY.fullmatch(public_key) is None:
            raise _invalid("public_key", "wrong-key", "is not 64 hexadecimal digits: ask the municipality")
        try:
            from nacl.public import PublicKey, SealedBox
        except ImportError:
            said = "cannot be used without PyNaCl: `pip install eropaf-client[contacts]`"
            raise _invalid("public_key", "no-library", said) from None
        self._box = SealedBox(PublicKey(bytes.fromhex(public_key)))

    def slip(self, contract: str, contact: Contact) -> dict[str, Any]:
        """Return the Avro value of a ContactSlip given now.

        Raises:
            InvalidContact: `field` names what is wrong.
        """
        wrong = [*contract_faults(contract), *faults(contact)]
        if wrong:
            raise InvalidContact(wrong)
        said = {name: value for name, value in vars(contact).items() if value is not None}
        text = json.dumps(said, ensure_ascii=False).encode().ljust(PADDED_BYTES)
        given_at = time.time_ns() // 1_000_000
        return {"contract": contract, "given_at": given_at, "sealed": bytes(self._box.encrypt(text))}


def faults(contact: Contact) -> Iterator[Fault]:
    """Yield every fault of `contact`, each naming its field, never its content."""
    for name, value in vars(contact).items():
        if value is None:
            continue
        if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= LONGEST_CONTACT:
            yield Fault(name, "wrong-text", f"must be 1 to {LONGEST_CONTACT} visible characters")
        elif name == "phone" and PHONE.fullmatch(value) is None:
            yield Fault(
                name,
                "no-number",
                "is not a telephone number as 06 12345678 or +31612345678: it begins with 0 or +",
            )
        elif name == "email" and EMAIL.fullmatch(value) is None:
            yield Fault(name, "no-address", "is not an e-mail address")
    if contact.phone is None and contact.email is None:
        yield Fault(
            "contact", "nothing-to-reach", "has neither a phone nor an email: there is nothing to give"
        )


def contract_faults(contract: str) -> Iterator[Fault]:
    """Yield what is wrong with a contract: it must be as its signal has it."""
    if not isinstance(contract, str) or not 0 < len(contract) <= LONGEST_TEXT or contract != seen(contract):
        yield Fault("contract", "wrong-text", f"must be 1 to {LONGEST_TEXT} characters, as in its signal")


def _invalid(field: str, code: str, message: str) -> InvalidContact:
    return InvalidContact([Fault(field, code, message)])
