"""A group that has read further than a topic goes is told so, in words of its own."""

from __future__ import annotations

import pytest

from eropaf.streams.errors import OffsetsAhead
from eropaf.streams.state.restore import _refuse_ahead
from eropaf.streams.topic_partition import TP

PLACE, OTHER = TP("arrears.rent", 3), TP("arrears.rent", 4)


def test_an_offset_beyond_the_end_is_refused_with_its_place_and_where_to_read_on() -> None:
    with pytest.raises(OffsetsAhead, match=r"arrears.rent-3 \(read up to 1207, ends at 900\).*restored"):
        _refuse_ahead({PLACE: 1207, OTHER: 5}, {PLACE: 900, OTHER: 5})


def test_an_offset_at_the_end_or_none_at_all_is_right() -> None:
    _refuse_ahead({PLACE: 900, OTHER: -1001}, {PLACE: 900, OTHER: 0})
