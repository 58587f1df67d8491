from __future__ import annotations

import pytest

from eropaf.risk.address import normalise
from eropaf.risk.records import Address
from eropaf.risk.refusal import Reason, Refused


@pytest.mark.parametrize(
    ("postcode", "house_number", "addition"),
    [
        ("1011AB", "12", "HS"),
        ("1011 ab", "12", "hs"),
        (" 1011-AB ", "012", " h.s. "),
        ("1011AB", "12 hs", None),
        ("1011AB", "12-HS", ""),
        ("1011AB", "12hs", "hs"),
    ],
)
def test_one_address_has_one_spelling_however_it_is_written(
    postcode: str, house_number: str, addition: str | None
) -> None:
    assert normalise(postcode, house_number, addition) == Address("1011AB", 12, "HS")


@pytest.mark.parametrize(
    ("spellings", "meant"),
    [
        (["3h", "3-H", "3 hs", "3 HUIS", "3 H-s", "3 h.s."], "HS"),
        (["3-II", "3 2", "3-2", "3 2 hoog", "3-2hoog", "3 II hoog", "3 tweede", "3 2e verdieping"], "2"),
        (["3 2 hoog achter", "3-II achter", "3 2 achter", "3 2-A"], "2A"),
        (["3 1 hoog voor", "3-I voor", "3-1 V"], "1V"),
        (["3-IV", "3 vierde etage"], "4"),
        # Letters, and a number that goes on, are what they are.
        (["3-V"], "V"),
        (["3 2E"], "2E"),
        (["3 bis"], "BIS"),
        (["3-22"], "22"),
    ],
)
def test_additions_that_say_the_same_are_one_household(spellings: list[str], meant: str) -> None:
    homes = {normalise("1011AB", spelled, None) for spelled in spellings}
    apart = {normalise("1011AB", "3", spelled.lstrip("3 -")) for spelled in spellings}

    assert homes | apart == {Address("1011AB", 3, meant)}


@pytest.mark.parametrize(
    ("behind", "own"), [("3 hs", "huis"), ("3-2", "II"), ("3 2", "hoog"), ("3", "2 hoog")]
)
def test_an_addition_may_be_split_over_both_fields_or_be_said_twice(behind: str, own: str) -> None:
    assert normalise("1011AB", behind, own).addition in ("HS", "2")


def test_a_number_behind_a_dash_is_an_addition_and_no_part_of_the_number() -> None:
    assert normalise("1011AB", "12-3", None) == Address("1011AB", 12, "3")
    assert normalise("1011AB", "123", None) == Address("1011AB", 123, "")


@pytest.mark.parametrize("postcode", ["", None, "0111AB", "1011", "1011A1", "1011 SS", "1011ABC", "١٠١١AB"])
def test_a_postcode_that_cannot_exist_is_refused(postcode: str | None) -> None:
    with pytest.raises(Refused) as refused:
        normalise(postcode, "1", None)

    assert refused.value.reason is Reason.IMPOSSIBLE_POSTCODE


@pytest.mark.parametrize("number", ["", None, "0", "-3", "HS", "123456", "1" * 500])
def test_a_house_number_that_cannot_exist_is_refused(number: str | None) -> None:
    with pytest.raises(Refused) as refused:
        normalise("1011AB", number, None)

    assert refused.value.reason is Reason.IMPOSSIBLE_HOUSE_NUMBER


def test_an_addition_holds_letters_and_digits_only() -> None:
    with pytest.raises(Refused) as refused:
        normalise("1011AB", "1", "<script>")

    assert refused.value.reason is Reason.IMPOSSIBLE_ADDITION


def test_what_is_refused_is_not_repeated_in_the_message() -> None:
    with pytest.raises(Refused) as refused:
        normalise("GEHEIM", "1", None)

    assert "GEHEIM" not in str(refused.value)
