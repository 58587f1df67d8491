from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise

import pytest

from eropaf.risk.address import normalise
from eropaf.simulate.calibration import AMSTERDAM, AMSTERDAM_HOUSEHOLDS
from eropaf.simulate.city import home
from eropaf.simulate.month import Publication, month
from eropaf_client.records import ArrearsSignal

MARCH = date(2026, 3, 1)
DAYS = month(AMSTERDAM_HOUSEHOLDS, MARCH, seed=1)
SENT = [sent for day in DAYS for wave in day.waves for sent in wave]
REPORTED = [sent for sent in SENT if sent.signal.version == 1]


def first_of_each() -> list[Publication]:
    return list({sent.signal.signal_id: sent for sent in reversed(REPORTED)}.values())


def test_the_same_seed_gives_the_same_month_and_another_seed_another() -> None:
    assert month(5_000, MARCH, seed=7) == month(5_000, MARCH, seed=7)
    assert month(5_000, MARCH, seed=7) != month(5_000, MARCH, seed=8)


def test_a_household_occurs_once_in_a_wave() -> None:
    for day in DAYS:
        for wave in day.waves:
            assert len({sent.household for sent in wave}) == len(wave)


def test_there_are_four_signals_a_month_for_a_thousand_inhabitants_and_more_in_march() -> None:
    april = month(AMSTERDAM_HOUSEHOLDS, date(2026, 4, 1), seed=1)
    reported = {s.signal.signal_id for d in april for w in d.waves for s in w if s.signal.version == 1}

    assert len(reported) / 872.380 == pytest.approx(4.0 * 1.04, rel=0.05)
    assert len(first_of_each()) > len(reported) * 1.08


def test_sectors_are_mixed_as_in_the_national_figures() -> None:
    april = month(AMSTERDAM_HOUSEHOLDS, date(2026, 4, 1), seed=1)
    counts = Counter(s.creditor for d in april for w in d.waves for s in w if s.signal.version == 1)

    for sector in AMSTERDAM.sectors:
        assert counts[sector.creditor] / counts.total() == pytest.approx(sector.share / 1.04, abs=0.03)


def test_one_report_in_nine_holds_several_signals() -> None:
    creditors = defaultdict(set)
    for sent in REPORTED:
        creditors[sent.household].add(sent.creditor)

    several = sum(len(each) > 1 for each in creditors.values()) / len(creditors)
    assert several == pytest.approx(AMSTERDAM.multiple, abs=0.02)


def test_versions_of_a_contract_count_up_with_time() -> None:
    signals: dict[str, dict[int, ArrearsSignal]] = defaultdict(dict)
    for sent in SENT:
        signals[sent.signal.contract][sent.signal.version] = sent.signal

    for versions in signals.values():
        ordered = [versions[number] for number in sorted(versions)]
        assert [signal.version for signal in ordered] == list(range(1, len(ordered) + 1))
        assert all(a.reported_at < b.reported_at for a, b in pairwise(ordered))


def test_some_signals_come_twice_and_some_are_overtaken() -> None:
    seen: dict[str, int] = {}
    twice = overtaken = 0
    for sent in SENT:
        before = seen.get(sent.signal.contract, 0)
        twice += before == sent.signal.version
        overtaken += before > sent.signal.version
        seen[sent.signal.contract] = max(before, sent.signal.version)

    assert twice > 10
    assert overtaken > 10


def test_creditors_spell_one_address_each_in_its_own_way() -> None:
    spellings, addresses = defaultdict(set), defaultdict(set)
    for sent in SENT:
        place = sent.signal.resident
        spellings[sent.household].add((place.postcode, place.house_number, place.addition))
        addresses[sent.household].add(normalise(place.postcode, place.house_number, place.addition))

    assert all(len(each) == 1 for each in addresses.values())
    assert any(len(each) > 1 for each in spellings.values())
    assert len({address for each in addresses.values() for address in each}) == len(addresses)


def test_every_day_of_the_month_has_its_place() -> None:
    assert [day.on for day in DAYS] == [MARCH + timedelta(n) for n in range(31)]
    assert all(sent.at.date() == day.on for day in DAYS for wave in day.waves for sent in wave)


def test_no_two_households_share_an_address_and_house_numbers_are_as_in_a_street() -> None:
    homes = [home(number, 1, AMSTERDAM) for number in range(0, AMSTERDAM_HOUSEHOLDS, 7)]
    addresses = {
        normalise(each.postcode, str(each.house_number), each.addition): each.number for each in homes
    }

    assert len(addresses) == len(homes)
    assert max(each.house_number for each in homes) < 500


def test_areas_have_as_many_households_as_their_weight() -> None:
    total = sum(AMSTERDAM.areas.values())
    counts = Counter(home(number, 1, AMSTERDAM).postcode[:4] for number in range(100 * total))

    assert counts == {area: 100 * weight for area, weight in AMSTERDAM.areas.items()}
