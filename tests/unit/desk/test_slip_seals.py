"""What comes out of a contact slip is looked at as what goes in is, and opens with the right keys alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from nacl.public import PrivateKey, SealedBox
from pydantic import SecretStr, ValidationError

from eropaf.agents.sealing import new_keys
from eropaf.board.explaining import NotOpened
from eropaf.desk.slip_seals import opened_contact
from eropaf.desk.slips import asks_the_desk
from eropaf.settings import Settings
from eropaf_client.contact_slips import Contact, Seal

PUBLIC, PRIVATE = new_keys()
_, NEWER = new_keys()
TOKEN = SecretStr("t" * 32)
CONTACT = Contact("J. Voorbeeld", "06 12345678", "j@example.org")


def sealed(said: bytes) -> dict[str, Any]:
    key = PrivateKey(bytes.fromhex(PRIVATE)).public_key
    return {"sealed": bytes(SealedBox(key).encrypt(said))}


def test_a_slip_opens_with_its_key_also_while_keys_change_and_with_no_other() -> None:
    slip = Seal(PUBLIC).slip("contract-1", CONTACT)

    assert opened_contact(slip, [PRIVATE]) == CONTACT
    assert opened_contact(slip, [NEWER, PRIVATE]) == CONTACT
    assert opened_contact(slip, [NEWER]) is None
    assert opened_contact(slip, []) is None


@pytest.mark.parametrize(
    "said",
    [
        b"", b"null", b"[]", b'"06 12345678"', b"\xff", b"{}", b"[" * 100_000,
        json.dumps({"phone": "javascript:alert(1)"}).encode(), json.dumps({"phone": 612345678}).encode(),
        json.dumps({"phone": "06 12345678", "reason": "rent"}).encode(),
        json.dumps({"phone": "06 12345678", "name": "N" * 101}).encode(),
    ],
)  # fmt: skip
def test_what_a_creditor_sealed_that_is_no_contact_is_not_shown(said: bytes) -> None:
    assert opened_contact(sealed(said), [PRIVATE]) is None
    assert opened_contact({"sealed": said}, [PRIVATE]) is None


def test_a_key_without_a_token_and_a_token_that_could_be_guessed_are_refused() -> None:
    with pytest.raises(ValidationError, match="nobody could ask for what it opens"):
        Settings(slips_private_key=SecretStr(PRIVATE))
    with pytest.raises(ValidationError, match="fewer than 32 characters"):
        Settings(slips_token=SecretStr("t" * 31))
    with pytest.raises(ValidationError, match="64 hexadecimal digits"):
        Settings(slips_private_key=SecretStr("no key"), slips_token=TOKEN)


def test_the_teams_board_asks_only_where_it_is_told_whom_and_how() -> None:
    assert asks_the_desk(Settings()) is None
    assert asks_the_desk(Settings(slips_token=TOKEN)) is None
    assert asks_the_desk(Settings(desk_url="https://desk.example.org")) is None


def test_a_desk_that_is_not_there_is_said_so_without_what_was_asked() -> None:
    ask = asks_the_desk(Settings(desk_url="http://127.0.0.1:1", slips_token=TOKEN))
    assert ask is not None

    with pytest.raises(NotOpened, match=r"^no answer of the desk \(ConnectError\)$"):
        ask("0" * 32, "sanne")
