"""What a provider says of somebody lets them in only where it is what we asked for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, RSAKey

from eropaf.board.said import AREAS, ROLE, of_claims
from eropaf.board.sealed import Sealed
from eropaf.board.user import EVERYWHERE, Role, User
from eropaf.serving.issuer import usable_keys

SANNE = {"sub": "sanne", ROLE: "outreach"}


@pytest.mark.parametrize("areas", [{}, {AREAS: None}, {AREAS: []}], ids=["missing", "null", "empty"])
def test_who_is_given_no_area_sees_none(areas: dict[str, Any]) -> None:
    user = of_claims({**SANNE, **areas}).user

    assert user.areas == frozenset()
    assert not user.sees("1011")
    assert not user.sees("")


def test_a_text_is_a_list_of_one_and_every_area_has_to_be_said() -> None:
    assert of_claims({**SANNE, AREAS: "1011"}).user.areas == frozenset({"1011"})
    assert of_claims({**SANNE, ROLE: ["lead"], AREAS: ["1011", "1012"]}).user.role is Role.LEAD
    assert of_claims({**SANNE, AREAS: ["*"]}).user.areas == EVERYWHERE


@pytest.mark.parametrize(
    "odd",
    [
        {AREAS: [""]},
        {AREAS: ""},
        {AREAS: 1011},
        {AREAS: [1011]},
        {AREAS: ["101"]},
        {AREAS: ["1011,1012"]},
        {AREAS: {"1011": True}},
        {AREAS: ["١٠١١"]},
        {ROLE: None},
        {ROLE: "admin"},
        {ROLE: ["outreach", "lead"]},
        {ROLE: 1},
        {ROLE: {}},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "a\nb"},
        {"sub": "x" * 256},
        {"sid": 7},
    ],
    ids=str,
)
def test_an_odd_claim_lets_nobody_in(odd: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="the claim"):
        of_claims({**SANNE, AREAS: ["1011"], **odd})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(st.dictionaries(st.sampled_from(["sub", "sid", "name", ROLE, AREAS]), JSON))
def test_whatever_a_provider_says_gives_a_person_or_a_refusal(claims: dict[str, Any]) -> None:
    try:
        user = of_claims(claims).user
    except ValueError:
        return
    assert isinstance(user, User)
    assert all(area == "*" or area.isdecimal() for area in user.areas)


def test_a_name_that_is_none_gives_way_to_the_next() -> None:
    assert of_claims({**SANNE, "name": 7, "preferred_username": "Sanne"}).user.name == "Sanne"
    assert of_claims({**SANNE, "name": "Sanne\x00\n B."}).user.name == "Sanne B."
    assert of_claims(SANNE).user.name == "sanne"


def test_a_key_of_an_unknown_kind_does_not_hide_the_others() -> None:
    good = RSAKey.generate_key(2048, {"kid": "good"}, private=False).as_dict(private=False)
    unknown = {**ECKey.generate_key("P-256", private=False).as_dict(private=False), "crv": "P-999"}
    keys = [unknown, {"kty": "QUANTUM"}, {}, "no key", good, None]

    assert [key.kid for key in usable_keys({"keys": keys}).keys] == ["good"]
    assert usable_keys({}).keys == []


def test_a_key_that_is_no_public_key_is_not_used() -> None:
    """An HMAC key in a public key set would let everybody sign."""
    shared = OctKey.generate_key(256).as_dict()

    assert usable_keys({"keys": [shared]}).keys == []


def test_what_is_sealed_opens_with_the_same_secret_and_use_alone() -> None:
    sealed = Sealed("secret", "one use").seal({"a": 1})

    assert Sealed("secret", "one use").opened(sealed, within_s=60) == {"a": 1}
    assert Sealed("secret", "another").opened(sealed) is None
    assert Sealed("other", "one use").opened(sealed) is None
    for forged in ("", "é", sealed[:-4], sealed[::-1], "\x00"):
        assert Sealed("secret", "one use").opened(forged) is None
