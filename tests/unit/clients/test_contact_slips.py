"""A contact slip is sealed where it is made, and says nothing of itself on the way."""

from __future__ import annotations

import json
from typing import Any

import pytest
from nacl.public import PrivateKey, SealedBox

from eropaf_client.contact_slips import Contact, Seal
from eropaf_client.errors import InvalidContact

PRIVATE = PrivateKey.generate()
PUBLIC = bytes(PRIVATE.public_key).hex()
CONTACT = Contact("J. de Vries-Öztürk", "+31 6 12345678", "j@example.org")


def test_what_is_sealed_opens_with_the_private_key_alone() -> None:
    slip = Seal(PUBLIC).slip("contract-1", CONTACT)

    assert json.loads(SealedBox(PRIVATE).decrypt(slip["sealed"])) == {
        "name": CONTACT.name, "phone": CONTACT.phone, "email": CONTACT.email,
    }  # fmt: skip
    assert slip["contract"] == "contract-1"


def test_the_length_of_a_seal_says_nothing() -> None:
    longest = Contact("Ö" * 100, "06 12345678", f"{'o' * 90}@example.org"[:100])

    sizes = {
        len(Seal(PUBLIC).slip("c", each)["sealed"])
        for each in (CONTACT, longest, Contact(phone="0201234567"))
    }

    assert len(sizes) == 1


def test_no_text_form_shows_anybody() -> None:
    assert str(CONTACT) == "Contact()"


@pytest.mark.parametrize(
    ("contact", "field"),
    [
        (Contact(), "contact"),
        (Contact("J. Jansen"), "contact"),
        (Contact(phone="call me"), "phone"),
        (Contact(phone="0612345678\n06"), "phone"),
        (Contact(phone="tel:0612345678"), "phone"),
        (Contact(phone="201234567"), "phone"),
        (Contact(email="nobody"), "email"),
        (Contact(email="a@b.nl, c@d.nl"), "email"),
        (Contact("", "0612345678"), "name"),
        (Contact("J" * 101, "0612345678"), "name"),
        (Contact("J\u202ex", "0612345678"), "name"),
        (Contact(phone=612345678), "phone"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_reach_anybody_is_refused_by_its_field_and_not_repeated(
    contact: Contact, field: str
) -> None:
    with pytest.raises(InvalidContact) as refused:
        Seal(PUBLIC).slip("contract-1", contact)

    assert refused.value.field == field
    for said in vars(contact).values():
        assert not said or str(said) not in str(refused.value)


@pytest.mark.parametrize("key", ["", "ab", "G" * 64, "0" * 65])
def test_without_the_municipalitys_key_none_is_taken(key: str) -> None:
    with pytest.raises(InvalidContact, match="64 hexadecimal digits: ask the municipality"):
        Seal(key)


@pytest.mark.parametrize("contract", ["", "c" * 201, 5, " contract-1", "contract-1\u200b"])
def test_a_slip_without_a_contract_is_refused(contract: Any) -> None:
    with pytest.raises(InvalidContact, match="contract: must be 1 to 200 characters"):
        Seal(PUBLIC).slip(contract, CONTACT)
