from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eropaf.streams.operate.batches import ASKED_AT_ONCE, batches

REFUSED_ABOVE = 10_000


@given(st.lists(st.integers(1, ASKED_AT_ONCE)))
def test_every_item_is_in_one_batch_in_its_order_and_no_batch_is_refused(records: list[int]) -> None:
    made = list(batches(records, lambda one: one))

    assert [one for batch in made for one in batch] == records
    assert all(batch and sum(batch) <= REFUSED_ABOVE for batch in made)


def test_what_fits_goes_at_once() -> None:
    assert list(batches("abc", lambda one: ASKED_AT_ONCE // 3)) == [["a", "b", "c"]]
