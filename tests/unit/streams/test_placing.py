"""Up to where a chained topic is noted as read: past a worker's own records, and past nobody else's."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from confluent_kafka import KafkaError, KafkaException

from eropaf.streams.runtime.chain import HandedOn, Unplaced
from eropaf.streams.runtime.placing import Passed, Places
from eropaf.streams.runtime.record import Output
from eropaf.streams.topic_partition import TP

COUNTS, NUMBERS = TP("counts", 0), TP("numbers", 0)


def noted(
    passed: Passed, first: int, last: int | None, records: int, read_to: int, offset: int | None = None
) -> int | None:
    """Return what is noted of `COUNTS` where `records` came to stand from `first` to `last`."""
    outputs = [Output("counts", b"key", b"%d" % number, 0, 0) for number in range(2)]
    handed = {COUNTS: HandedOn(outputs[0], outputs[1], records, read_to)}
    places = Places(handed.values(), [])
    for output, at in zip(outputs, (first, last), strict=True):
        teller = places.teller(output)
        assert teller is not None
        teller(None, SimpleNamespace(offset=lambda at=at: at))
    offsets = {NUMBERS: 5} if offset is None else {NUMBERS: 5, COUNTS: offset}
    found = passed.offsets(offsets, handed, places)
    passed.saved(found, handed)
    assert found[NUMBERS] == 5
    return found.get(COUNTS)


def test_what_follows_what_was_read_is_noted_as_read() -> None:
    assert noted(Passed(), first=10, last=12, records=3, read_to=10) == 13


def test_a_stretch_follows_the_mark_of_the_one_before_though_neither_was_read() -> None:
    passed = Passed()
    noted(passed, first=10, last=12, records=3, read_to=10)

    assert noted(passed, first=14, last=14, records=1, read_to=10) == 15
    assert noted(passed, first=16, last=17, records=2, read_to=12) == 18


def test_a_record_of_somebody_else_before_it_is_not_passed_over() -> None:
    passed = Passed()
    noted(passed, first=10, last=12, records=3, read_to=10)

    assert noted(passed, first=15, last=15, records=1, read_to=10) is None
    assert noted(passed, first=17, last=17, records=1, read_to=14) is None, "14 was not read"


def test_past_what_somebody_else_wrote_it_goes_on_once_that_was_read() -> None:
    passed = Passed()
    noted(passed, first=10, last=12, records=3, read_to=10)
    noted(passed, first=15, last=15, records=1, read_to=10)

    assert noted(passed, first=17, last=17, records=1, read_to=15) == 18


def test_a_record_of_somebody_else_among_them_is_not_passed_over() -> None:
    passed = Passed()

    assert noted(passed, first=10, last=13, records=3, read_to=10) is None
    assert noted(passed, first=15, last=15, records=1, read_to=10) is None


def test_nothing_is_noted_of_records_whose_place_is_not_told() -> None:
    passed = Passed()

    assert noted(passed, first=-1, last=12, records=3, read_to=10) is None
    assert noted(passed, first=10, last=None, records=3, read_to=10) is None


def test_an_offset_is_never_put_back() -> None:
    passed = Passed()
    noted(passed, first=10, last=12, records=3, read_to=10)

    assert noted(passed, first=20, last=20, records=1, read_to=11, offset=11) == 13


def test_what_was_read_further_holds() -> None:
    assert noted(Passed(), first=30, last=30, records=1, read_to=20, offset=25) == 25


def test_a_letter_is_not_written_without_its_records_place() -> None:
    about = Output("counts", b"key", b"1", 0, 0)
    waiting = [Unplaced(Output("rejected", b"key", b"-1", 0), about, lambda letter, at: letter)]
    places = Places([], waiting)
    teller = places.teller(about)
    assert teller is not None

    teller(KafkaError(KafkaError._MSG_TIMED_OUT), SimpleNamespace(offset=lambda: 3))
    with pytest.raises(KafkaException):
        list(places.letters(waiting))
    teller(None, SimpleNamespace(offset=lambda: 3))
    assert list(places.letters(waiting)) == [waiting[0].letter]
