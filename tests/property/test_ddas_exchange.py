"""A DDAS file goes in and out without loss, and what we write is what the model asks."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from eropaf_client.files.ddas import read_ddas
from eropaf_client.files.ddas_exchange import (
    Case,
    Client,
    Contact,
    Delivery,
    ExchangedAttempt,
    ExchangedSignal,
    ExchangeFile,
    from_json,
    to_json,
)
from eropaf_client.files.ddas_terms import CHANNELS, DAY_PARTS, PARTNER_TYPES, RESULTS, SEXES, STATUSES
from eropaf_client.files.filed import Asked
from tests.ddas_schema import faults

DATA = Path(__file__).parents[1] / "data"

texts = st.text(min_size=1, max_size=12)
days = st.dates(date(1990, 1, 1), date(2100, 1, 1))
maybe_day = st.none() | days


def named(terms: Any) -> st.SearchStrategy[Any]:
    return st.none() | st.sampled_from(sorted(terms))


clients = st.builds(Client, bsn=st.from_regex(r"[0-9]{9}", fullmatch=True)) | st.builds(
    Client,
    bsn=st.none(),
    postcode=texts,
    house_number=texts,
    addition=st.none() | texts,
    sex=named(SEXES),
    born_on=maybe_day,
)
signals = st.builds(
    ExchangedSignal,
    signal_id=texts,
    partner_type=st.sampled_from(list(PARTNER_TYPES.values())),
    client=clients,
    crisis=st.none() | st.booleans(),
    handover_wish=st.none() | st.booleans(),
    amount_eur=st.none() | st.integers(0, 100_000),
    arose_on=maybe_day,
    signalled_on=maybe_day,
    status=named(STATUSES.values()),
)
attempts = st.builds(
    ExchangedAttempt,
    channel=named(CHANNELS.values()),
    reached=st.none() | st.booleans(),
    on=maybe_day,
    day_part=named(DAY_PARTS.values()),
)
cases = st.builds(
    Case,
    signal_ids=st.none() | st.lists(texts, min_size=1, max_size=3, unique=True).map(tuple),
    attempts=st.none() | st.lists(attempts, max_size=3).map(tuple),
    result=named(RESULTS.values()),
    matched_on=maybe_day,
    period_from=maybe_day,
    period_to=maybe_day,
    picked_up_on=maybe_day,
)
contacts = st.lists(
    st.builds(Contact, name=st.none() | texts, role=st.none() | texts), min_size=1, max_size=2, unique=True
)
deliveries = st.builds(
    Delivery,
    number=st.integers(1, 9),
    municipality=texts,
    organisation=st.none() | texts,
    chamber_of_commerce=st.none() | texts,
    contacts=st.none() | contacts.map(tuple),
    signals=st.lists(signals, max_size=3).map(tuple),
    cases=st.lists(cases, max_size=3).map(tuple),
)
files = st.builds(
    ExchangeFile,
    supplier=texts,
    first_day=days,
    last_day=days,
    delivered_at=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    deliveries=st.lists(deliveries, min_size=1, max_size=2, unique_by=lambda d: d.number).map(tuple),
)


@given(files)
def test_a_file_goes_out_and_in_without_loss_and_is_valid(file: ExchangeFile) -> None:
    content = json.loads(json.dumps(to_json(file)))

    assert faults(content) == []
    assert from_json(content) == file
    assert to_json(from_json(content)) == content


def test_a_file_with_every_value_of_every_enum_goes_in_and_out() -> None:
    content = json.loads((DATA / "ddas-everything.json").read_text("utf-8"))

    file = from_json(content)

    (delivery,) = file.deliveries
    attempts = [attempt for case in delivery.cases for attempt in case.attempts or ()]
    assert faults(content) == []
    assert to_json(file) == content
    assert {case.result for case in delivery.cases} == set(RESULTS.values())
    assert len(RESULTS) == 16
    assert {signal.partner_type for signal in delivery.signals} == set(PARTNER_TYPES.values())
    assert {signal.status for signal in delivery.signals} == set(STATUSES.values())
    assert {attempt.channel for attempt in attempts} == set(CHANNELS.values())
    assert len(read_ddas(DATA / "ddas-everything.json", Asked(test_numbers=True))) == len(delivery.signals)


def test_the_models_own_example_goes_in_and_out() -> None:
    content = json.loads((DATA / "ddas-example.json").read_text("utf-8"))

    written = to_json(from_json(content))

    # It spells one name otherwise than its schema does; we write as the schema does.
    respelled = json.dumps(content).replace("Matchtingperiode", "Matchingperiode")
    assert written == json.loads(respelled)
    assert faults(written) == []
    assert any("Matchtingperiode" in fault for fault in faults(content))
