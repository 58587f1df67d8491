from __future__ import annotations

import pytest

from eropaf.risk.identity import household_key, resident_key
from eropaf.risk.records import Address
from eropaf.risk.refusal import Reason, Refused
from tests.builders import HOME, SECRET


def test_a_key_is_thirty_two_hexadecimal_digits_and_always_the_same() -> None:
    key = household_key(HOME, SECRET)

    assert len(key) == 32
    assert int(key, 16) >= 0
    assert household_key(Address("1011AB", 12, ""), SECRET) == key


def test_another_addition_or_another_secret_makes_another_key() -> None:
    keys = {
        household_key(HOME, SECRET),
        household_key(Address("1011AB", 12, "A"), SECRET),
        household_key(HOME, b"another secret"),
    }

    assert len(keys) == 3


def test_number_and_addition_do_not_run_into_each_other() -> None:
    assert household_key(Address("1011AB", 1, "23"), SECRET) != household_key(
        Address("1011AB", 12, "3"), SECRET
    )


@pytest.mark.parametrize("bsn", ["", "12345678", "1234567890", "12345678a", "１２３４５６７８９"])
def test_a_bsn_is_nine_digits(bsn: str) -> None:
    with pytest.raises(Refused) as refused:
        resident_key(bsn, SECRET)

    assert refused.value.reason is Reason.IMPOSSIBLE_BSN


def test_the_example_of_the_national_model_has_a_bsn_that_is_taken() -> None:
    assert len(resident_key("111111111", SECRET)) == 32
