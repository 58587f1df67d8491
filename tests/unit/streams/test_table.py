from __future__ import annotations

from dataclasses import replace

from eropaf.streams.runtime.stage import TableSpec
from eropaf.streams.state.rows import InMemory
from eropaf.streams.state.table import TablePartition

decoded: list[bytes] = []


def decode(data: bytes) -> int:
    decoded.append(data)
    return int(data)


SPEC = TableSpec("count", encode=lambda row: str(row).encode(), decode=decode)


def a_table(**rows: bytes) -> TablePartition[int]:
    decoded.clear()
    table = TablePartition[int](SPEC, InMemory())
    table.take([(key.encode(), row) for key, row in rows.items()])
    return table


def test_rows_rest_as_bytes_until_they_are_touched() -> None:
    table = a_table(a=b"1", b=b"2")

    assert decoded == []
    assert table.get(b"a") == 1
    assert decoded == [b"1"]


def test_a_row_that_is_read_often_is_decoded_once_a_checkpoint() -> None:
    table = a_table(a=b"1")
    for _ in range(3):
        table.get(b"a")
    assert decoded == [b"1"]

    table.rest()

    assert table.get(b"a") == 1
    assert decoded == [b"1", b"1"]


def test_what_was_put_is_read_back_before_it_is_durable() -> None:
    table = a_table(a=b"1")

    table.put(b"a", 2)

    assert table.get(b"a") == 2


def test_a_row_that_changed_often_is_taken_once_as_it_is_now() -> None:
    table = a_table()
    for value in range(5):
        table.put(b"a", value)

    assert table.rest() == [(b"a", b"4")]
    assert table.rest() == []
    assert table.get(b"a") == 4


def test_a_deleted_row_leaves_a_tombstone() -> None:
    table = a_table(a=b"1")

    table.delete(b"a")

    assert table.get(b"a") is None
    assert table.rest() == [(b"a", None)]
    assert len(table) == 0


def test_keys_are_those_of_every_row_there_is_touched_or_not() -> None:
    table = a_table(a=b"1", b=b"2", c=b"3")
    table.put(b"b", 20)
    table.put(b"d", 4)
    table.delete(b"c")
    table.delete(b"e")

    assert sorted(table.between(b"a", b"z")) == [b"a", b"b", b"d"]
    assert sorted(table.between(b"b", b"d")) == [b"b"]


def parity(row: int) -> str | None:
    return None if row == 0 else ("odd" if row % 2 else "even")


def test_rows_are_counted_under_what_they_are_from_the_first_on() -> None:
    table = TablePartition[int](replace(SPEC, tally=parity), InMemory())
    table.take([(b"a", b"2"), (b"b", b"2"), (b"none", b"0"), (b"gone", b"1"), (b"a", b"1"), (b"gone", None)])
    assert table.tallies == {"odd": 1, "even": 1}
    assert len(table) == 3

    table.get(b"a")
    table.put(b"a", 4)  # read before
    table.put(b"b", 3)  # not read
    table.put(b"c", 5)  # new
    table.delete(b"none")
    table.rest()

    assert table.tallies == {"odd": 2, "even": 1}
    table.delete(b"c")
    table.rest()
    assert table.tallies == {"odd": 1, "even": 1}
