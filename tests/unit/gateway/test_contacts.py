"""`POST /contacts`: sealed before it is stored, refused where none are taken, and named by field alone."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx2
import pytest
from nacl.public import PrivateKey, SealedBox

from eropaf_client.contact_slips import Contact, faults
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import contacts
from eropaf_client.schemas.wire import Codec
from tests.certificates import Identities
from tests.unit.gateway.a_cluster import FakeCluster, client, opened
from tests.unit.gateway.test_contract_bounds import is_valid

PRIVATE = PrivateKey.generate()
PUBLIC = bytes(PRIVATE.public_key).hex()
CONTACT = {"name": "J. Voorbeeld", "phone": "06 12345678", "email": "j@example.org"}
GIVEN = {"contract": "contract-1", **CONTACT}
SLIPS: Codec[dict[str, Any]] = Codec("ContactSlip", contacts("rent"), LocalRegistry())


def answers(
    cluster: FakeCluster, identities: Identities, *bodies: Any, key: str | None = PUBLIC
) -> list[httpx2.Response]:
    """Return what `rent` is answered to each body."""

    async def program() -> list[httpx2.Response]:
        async with opened(cluster, identities, slips_public_key=key) as made:
            rent = client(made, identities.of("rent").header)
            return [await rent.post("/v1/contacts", json=each) for each in bodies]

    return asyncio.run(asyncio.wait_for(program(), 100))


def test_a_contact_is_sealed_and_on_its_creditors_topic_before_it_is_answered(
    cluster: FakeCluster, identities: Identities
) -> None:
    (answer,) = answers(cluster, identities, GIVEN)

    assert (answer.status_code, answer.json()) == (202, {"contract": "contract-1", "status": "received"})
    (value,) = cluster.values(contacts("rent"))
    slip = SLIPS.decode(value)
    assert json.loads(SealedBox(PRIVATE).decrypt(slip["sealed"])) == CONTACT
    for said in CONTACT.values():
        assert said.encode() not in value


def test_where_the_municipality_takes_none_a_contact_is_refused_in_a_sentence(
    cluster: FakeCluster, identities: Identities
) -> None:
    (answer,) = answers(cluster, identities, GIVEN, key=None)

    assert answer.status_code == 403
    assert answer.json()["detail"] == (
        "This municipality takes no contact details: its policy states no ground for it."
    )
    assert cluster.values(contacts("rent")) == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"phone": "call 0612345678"}, "phone"),
        ({"email": "nobody-at-home"}, "email"),
        ({"name": "J\u202eanus"}, "name"),
        ({"contract": None}, "contract"),
        ({"contract": " contract-1"}, "contract"),
        ({"phone": 612345678}, "phone"),
        ({"phone": None, "email": None}, "contact"),
        ({"street": "Voorbeeldstraat"}, None),
    ],
)
def test_a_fault_names_its_field_and_repeats_nothing(
    cluster: FakeCluster, identities: Identities, changed: dict[str, Any], field: str | None
) -> None:
    (answer,) = answers(cluster, identities, GIVEN | changed)

    assert answer.status_code == 400
    assert [each.get("field") for each in answer.json()["errors"]] == [field]
    for said in ("0612345678", "nobody-at-home", "J\u202eanus", "Voorbeeldstraat"):
        assert said not in answer.text
    assert cluster.values(contacts("rent")) == []


@pytest.mark.parametrize(
    "changed",
    [
        {}, {"name": None}, {"phone": None}, {"email": None}, {"phone": None, "email": None}, {"phone": "0"},
        {"phone": "+31 (0)20-1234567"}, {"email": "a@b"}, {"email": "o'neill+x@b.example"}, {"name": ""},
        {"email": "a?cc=b@c.example,d@e.example"},
    ],
)  # fmt: skip
def test_a_contact_is_taken_where_the_contract_allows_it(changed: dict[str, str | None]) -> None:
    given: dict[str, Any] = GIVEN | changed
    contact = Contact(**{name: value for name, value in given.items() if name != "contract"})

    assert is_valid("Contact", given) == (not [*faults(contact)])
