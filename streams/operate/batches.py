"""Requests of a size that Kafka's controller accepts: it refuses one that makes more than 10,000 records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, groupby
from operator import itemgetter
from typing import TypeVar

Item = TypeVar("Item")

# Half of what is refused, so that the item that crosses it still fits.
ASKED_AT_ONCE = 5_000


def batches(items: Iterable[Item], records: Callable[[Item], int]) -> Iterator[list[Item]]:
    """Yield `items` in their order, in lists that make some 5,000 records each.

    `records` returns how many records an item makes: 5,000 at most.
    """
    items = list(items)
    passed = (total // ASKED_AT_ONCE for total in accumulate(map(records, items)))
    for _, batch in groupby(zip(passed, items, strict=True), key=itemgetter(0)):
        yield [item for _, item in batch]
