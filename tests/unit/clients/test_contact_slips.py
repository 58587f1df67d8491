"""A contact slip is sealed where it is made, and says nothing of itself on the way."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import pytest
from nacl.public import PrivateKey, SealedBox

from eropaf_client.contact_slips import Contact, ContactSlips, Seal
from eropaf_client.errors import InvalidContact, NotAcknowledged
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.wire import Codec
from tests.fakes import FakeProducer, fake_producer

PRIVATE = PrivateKey.generate()
PUBLIC = bytes(PRIVATE.public_key).hex()
CONTACT = Contact("J. de Vries-Öztürk", "+31 6 12345678", "j@example.org")


def test_what_is_sealed_opens_with_the_private_key_alone() -> None:
    slip = Seal(PUBLIC).slip("contract-1", CONTACT)

    opened = SealedBox(PRIVATE).decrypt(slip["sealed"])
    assert "Öztürk" in opened.decode()  # as it is written: escaped it would be longer than the longest
    assert json.loads(opened) == {
        "name": CONTACT.name, "phone": CONTACT.phone, "email": CONTACT.email,
    }  # fmt: skip
    assert slip["contract"] == "contract-1"
    assert isinstance(slip["given_at"], int)


def test_the_length_of_a_seal_says_nothing() -> None:
    longest = Contact("Ö" * 100, "06 12345678", f"{'o' * 90}@example.org"[:100])

    sizes = {
        len(Seal(PUBLIC).slip("c", each)["sealed"])
        for each in (CONTACT, longest, Contact(phone="0201234567"))
    }

    assert len(sizes) == 1


def test_no_text_form_shows_anybody() -> None:
    assert str(CONTACT) == "Contact()"


TEXT = "must be 1 to 100 visible characters"
NUMBER = "is not a telephone number as 06 12345678 or +31612345678: it begins with 0 or +"
NOTHING = "has neither a phone nor an email: there is nothing to give"


@pytest.mark.parametrize(
    ("contact", "field", "code", "said"),
    [
        (Contact(), "contact", "nothing-to-reach", NOTHING),
        (Contact("J. Jansen"), "contact", "nothing-to-reach", NOTHING),
        (Contact(phone="call me"), "phone", "no-number", NUMBER),
        (Contact(phone="0612345678\n06"), "phone", "wrong-text", TEXT),
        (Contact(phone="tel:0612345678"), "phone", "no-number", NUMBER),
        (Contact(phone="201234567"), "phone", "no-number", NUMBER),
        (Contact(email="nobody"), "email", "no-address", "is not an e-mail address"),
        (Contact(email="a@b.nl, c@d.nl"), "email", "no-address", "is not an e-mail address"),
        (Contact("", "0612345678"), "name", "wrong-text", TEXT),
        (Contact("J" * 101, "0612345678"), "name", "wrong-text", TEXT),
        (Contact("J\u202ex", "0612345678"), "name", "wrong-text", TEXT),
        (Contact(phone=612345678), "phone", "wrong-text", TEXT),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_reach_anybody_is_refused_by_its_field_and_not_repeated(
    contact: Contact, field: str, code: str, said: str
) -> None:
    with pytest.raises(InvalidContact) as refused:
        Seal(PUBLIC).slip("contract-1", contact)

    assert (refused.value.field, refused.value.code) == (field, code)
    assert str(refused.value) == f"{field}: {said}"
    for held in vars(contact).values():
        assert not held or str(held) not in str(refused.value)


def test_the_shortest_and_the_longest_are_sealed() -> None:
    for each in (Contact("J", "0612345"), Contact("J" * 100, "+" + "1" * 24), Contact(email="a@b.c")):
        Seal(PUBLIC).slip("c" * 200, each)


@pytest.mark.parametrize("key", ["", "ab", "G" * 64, "0" * 65])
def test_without_the_municipalitys_key_none_is_taken(key: str) -> None:
    with pytest.raises(InvalidContact) as refused:
        Seal(key)

    assert (refused.value.field, refused.value.code) == ("public_key", "wrong-key")
    assert str(refused.value) == "public_key: is not 64 hexadecimal digits: ask the municipality"


def test_without_its_library_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nacl.public", None)

    with pytest.raises(InvalidContact) as refused:
        Seal(PUBLIC)

    assert (refused.value.field, refused.value.code) == ("public_key", "no-library")
    assert str(refused.value) == (
        "public_key: cannot be used without PyNaCl: `pip install eropaf-client[contacts]`"
    )


@pytest.mark.parametrize("contract", ["", "c" * 201, 5, " contract-1", "contract-1\u200b"])
def test_a_slip_without_a_contract_is_refused(contract: Any) -> None:
    with pytest.raises(InvalidContact) as refused:
        Seal(PUBLIC).slip(contract, CONTACT)

    assert (refused.value.field, refused.value.code) == ("contract", "wrong-text")
    assert str(refused.value) == "contract: must be 1 to 200 characters, as in its signal"


@pytest.fixture
def producer(monkeypatch: pytest.MonkeyPatch) -> FakeProducer:
    return fake_producer(monkeypatch)


def test_a_slip_is_stored_under_its_contract_on_the_creditors_own_topic(producer: FakeProducer) -> None:
    before_ms = time.time_ns() // 1_000_000
    with ContactSlips("nowhere", "rent", PUBLIC) as slips:
        slips.leave("contract-1", CONTACT)

    ((topic, key, value, headers),) = producer.sent
    assert producer.settings["bootstrap.servers"] == "nowhere"
    assert (topic, key, headers) == ("contacts.rent", b"contract-1", None)
    slip = Codec("ContactSlip", topic, LocalRegistry()).decode(value)
    assert slip["contract"] == "contract-1"
    assert isinstance(slip["given_at"], int)
    assert before_ms <= slip["given_at"] <= time.time_ns() // 1_000_000
    assert b"Vries" in SealedBox(PRIVATE).decrypt(slip["sealed"])


def test_a_slip_that_is_not_stored_says_so(producer: FakeProducer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Seal, "slip", lambda *_: {"contract": "c", "given_at": 0, "sealed": b"x"})
    encode = Codec("ContactSlip", "contacts.rent", LocalRegistry()).encode
    producer.fails = {encode({"contract": "c", "given_at": 0, "sealed": b"x"})}

    with ContactSlips("nowhere", "rent", PUBLIC) as slips, pytest.raises(NotAcknowledged) as raised:
        slips.leave("c", CONTACT)

    assert str(raised.value).startswith("a contact slip on contacts.rent was not acknowledged (")
    assert str(raised.value).endswith("). Leave it again, before its signal")
