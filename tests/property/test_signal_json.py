"""A signal as JSON is read back as it was said, and no JSON makes the reader trip."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from eropaf.gateway.body import lines
from eropaf.gateway.known import Ready
from eropaf.gateway.problems import Wrong
from eropaf.gateway.signal_json import Refused, content_of, digest_of, read_json, read_signal
from eropaf.gateway.spool import Spool
from eropaf_client.records import (
    ArrearsSignal,
    ConsentOffer,
    Crisis,
    CrisisKind,
    OwnEffort,
    PartnerType,
    Resident,
    SignalKind,
)
from eropaf_client.schemas.limits import LARGEST_AMOUNT_CENTS, LARGEST_VERSION
from eropaf_client.schemas.looks import seen
from eropaf_client.validation import faults
from tests.builders import an_arrears_signal

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda each: st.lists(each, max_size=4) | st.dictionaries(st.text(max_size=20), each, max_size=4),
    max_leaves=20,
)


MARCH_2 = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = st.dates(date(1995, 1, 1), date(2026, 3, 1))
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=200).filter(
    lambda text: text.strip() and text == seen(text)
)
signals = st.builds(
    an_arrears_signal,
    signal_id=texts,
    contract=texts,
    kind=st.sampled_from(SignalKind),
    partner_type=st.sampled_from(PartnerType),
    amount_cents=st.integers(0, LARGEST_AMOUNT_CENTS),
    monthly_bill_cents=st.none() | st.integers(1, LARGEST_AMOUNT_CENTS),
    version=st.integers(0, LARGEST_VERSION),
    # As the contract keeps it: whole milliseconds.
    reported_at=st.integers(0, 10**10).map(
        lambda ms: datetime(2026, 3, 2, tzinfo=UTC) + timedelta(milliseconds=ms)
    ),
    arrears_since=st.none() | DAYS,
    own_effort=st.none()
    | st.builds(OwnEffort, st.booleans(), st.booleans(), st.integers(0, 1000), st.sampled_from(ConsentOffer)),
    crisis=st.none() | st.builds(Crisis, st.sampled_from(CrisisKind), st.none() | DAYS),
    handover_wish=st.booleans(),
    resident=st.sampled_from([Resident(bsn="999990019"), Resident(postcode="1011 AB", house_number="7-hs")]),
)


def _wrong(read: Callable[[], object]) -> Sequence[Wrong]:
    """Read; return what was wrong. Nothing else may be raised."""
    try:
        read()
    except Refused as refused:
        return refused.wrong or pytest.fail("refused without a word")
    return ()


@given(signals)
def test_a_signal_is_read_as_it_was_said(signal: ArrearsSignal) -> None:
    said = content_of(signal.to_record())
    assert not faults(signal)

    read = read_signal(read_json(json.dumps(said).encode()))

    assert read.to_record() == signal.to_record()
    assert digest_of(read.to_record()) == digest_of(signal.to_record())


@given(signals, st.data())
def test_anything_in_any_field_is_read_or_refused(signal: ArrearsSignal, data: st.DataObject) -> None:
    said: dict[str, Any] = content_of(signal.to_record())
    name = data.draw(st.sampled_from([*said, "unheard-of"]))
    said[name] = data.draw(JSON)

    wrong = _wrong(lambda: read_signal(said))

    assert all(each.field is None or "unheard" not in each.field for each in wrong)


@given(st.binary(max_size=200) | JSON.map(lambda each: json.dumps(each).encode()))
def test_whatever_the_bytes_they_are_json_or_refused(data: bytes) -> None:
    _wrong(lambda: read_signal(read_json(data)))


@given(st.lists(st.binary(max_size=30)), st.integers(1, 40))
def test_lines_are_the_same_however_a_body_comes_in(parts: list[bytes], longest: int) -> None:
    body = b"".join(parts)
    expected = body.split(b"\n")
    expected = expected[:-1] if expected[-1] == b"" else expected

    async def read() -> list[bytes] | int:
        coming = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
        coming.append({"type": "http.request", "body": b"", "more_body": False})

        async def receive() -> dict[str, Any]:
            return coming.pop(0)

        request = Request({"type": "http", "headers": [], "method": "POST", "path": "/"}, receive)
        try:
            return [line async for line in lines(request, 1_000_000, longest)]
        except Exception as problem:  # looked at below
            return int(getattr(problem, "status", 0))

    found = asyncio.run(read())

    assert found == (413 if any(len(line) > longest for line in expected) else expected)


kept = st.builds(
    Ready,
    st.integers(1, 2**40),
    texts,
    st.integers(0, 2**63 - 1),
    texts,
    st.binary(min_size=32, max_size=32),
    st.binary(max_size=500),
)


@given(st.lists(kept, max_size=20))
def test_what_is_spooled_is_read_back_as_it_was(signals: list[Ready]) -> None:
    with Spool() as spool:
        for each in signals:
            spool.put(each)

        assert list(spool) == signals
