"""A month of the city's creditors' signals, in sending order."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from eropaf.simulate.calibration import AMSTERDAM, Calibration, Sector
from eropaf.simulate.city import Home, home
from eropaf_client.records import (
    ArrearsSignal,
    ConsentOffer,
    Crisis,
    CrisisKind,
    OwnEffort,
    PartnerType,
    SignalKind,
)

EFFORT = OwnEffort(True, True, 1, ConsentOffer.NO_ANSWER)
THREATENS = {
    PartnerType.RENT: CrisisKind.EVICTION,
    PartnerType.HEALTH: CrisisKind.END_OF_INSURANCE,
    PartnerType.ENERGY: CrisisKind.DISCONNECTION,
    PartnerType.WATER: CrisisKind.DISCONNECTION,
}


@dataclass(frozen=True, slots=True)
class Publication:
    """One signal as sent: by whom, when, and about which household."""

    at: datetime
    creditor: str
    household: int
    signal: ArrearsSignal


@dataclass(frozen=True, slots=True)
class Day:
    """The signals sent on one day. No household occurs twice in a wave.

    Waiting between waves until everything is processed gives every household one history, whatever the order
    between creditors' topics.
    """

    on: date
    waves: tuple[tuple[Publication, ...], ...]


def month(households: int, first: date, seed: int, calibration: Calibration = AMSTERDAM) -> list[Day]:
    """Return the month that begins on `first`, for a city of `households`. Deterministic per seed."""
    days = calendar.monthrange(first.year, first.month)[1]
    publications = sorted(
        _publications(households, first, days, seed, calibration),
        key=lambda sent: (sent.at, sent.creditor, sent.signal.signal_id, sent.signal.version),
    )
    by_day: list[list[Publication]] = [[] for _ in range(days)]
    for sent in publications:
        by_day[(sent.at.date() - first).days].append(sent)
    return [Day(first + timedelta(index), _waves(sent)) for index, sent in enumerate(by_day)]


def _publications(
    households: int, first: date, days: int, seed: int, calibration: Calibration
) -> Iterator[Publication]:
    dice = Random(f"{seed}/month/{first.isoformat()}")
    weights = [
        sector.share * (calibration.march_health if _is_peak(sector, first) else 1.0)
        for sector in calibration.sectors
    ]
    signals = households * calibration.signals_per_household * sum(weights)
    reports = min(households, max(1, round(signals / (1 + calibration.multiple))))
    for number in dice.sample(range(households), reports):
        at_home = home(number, seed, calibration)
        several = 2 if dice.random() < calibration.multiple else 1
        for sector in _distinct(dice, calibration.sectors, weights, several):
            own_dice = Random(f"{seed}/{first}/{number}/{sector.creditor}")
            yield from _Contract(
                dice=own_dice, at_home=at_home, sector=sector, first=first, days=days, calibration=calibration
            ).publications()


@dataclass(frozen=True, slots=True)
class _Contract:
    """One contract's month: its signals, and when they are sent."""

    dice: Random
    at_home: Home
    sector: Sector
    first: date
    days: int
    calibration: Calibration

    def publications(self) -> Iterator[Publication]:
        story = self._story()
        end = datetime.combine(self.first + timedelta(self.days), time(), UTC) - timedelta(seconds=1)
        moments = [signal.reported_at for signal in story]
        if len(story) > 1 and self.dice.random() < self.calibration.overtaken:
            # The first is sent only after the last, when it must no longer change anything.
            moments[0] = min(end, moments[-1] + timedelta(minutes=1))
        for at, signal in zip(moments, story, strict=True):
            yield self._publication(at, signal)
            if self.dice.random() < self.calibration.repeated:
                yield self._publication(min(end, at + timedelta(hours=1)), signal)

    def _story(self) -> list[ArrearsSignal]:
        chances, fate = self.calibration, self.dice.random()
        first = self._reported()
        owed, bill = first.amount_cents, first.monthly_bill_cents or 0
        story = [first]
        if fate < (edge := chances.pays):
            story += self._next(first, SignalKind.PAID, 0)
        elif fate < (edge := edge + chances.plan):
            story += self._next(first, SignalKind.PLAN_AGREED, owed)
            if len(story) > 1 and self.dice.random() < chances.plan_breaks:
                story += self._next(story[-1], SignalKind.PLAN_BROKEN, owed)
        elif fate < (edge := edge + chances.grows):
            story += self._next(first, SignalKind.CHANGED, owed + bill)
        elif fate < edge + chances.withdrawn:
            story += self._next(first, SignalKind.WITHDRAWN, 0)
        return story

    def _reported(self) -> ArrearsSignal:
        dice, sector = self.dice, self.sector
        bill = dice.randint(*sector.bill_eur) * 100
        owed = round(bill * dice.uniform(*sector.months_behind))
        if dice.random() < self.calibration.consecutive:
            owed += bill
        # Creditors deliver once a month, most of them in its first days.
        mean_day = 3 if _is_peak(sector, self.first) else 5
        on = self.first + timedelta(min(self.days - 1, int(dice.expovariate(1 / mean_day))))
        threatens = THREATENS.get(sector.partner_type)
        crisis = None
        if threatens is not None and dice.random() < self.calibration.crisis:
            crisis = Crisis(threatens, on + timedelta(dice.randint(5, 40)))
        return ArrearsSignal(
            signal_id=f"{sector.creditor}-{self.at_home.number}-{self.first:%Y%m}-1",
            contract=f"{sector.creditor}-{self.at_home.number}",
            kind=SignalKind.REPORTED,
            partner_type=sector.partner_type,
            amount_cents=owed,
            monthly_bill_cents=bill,
            reported_at=self._moment(on),
            version=1,
            resident=self.at_home.written_by(sector.creditor),
            # From 30 days; and not over 100 when it grows twenty days later (health, DDAS 1.2).
            arrears_since=on - timedelta(dice.randint(30, 80)),
            own_effort=EFFORT,
            crisis=crisis,
        )

    def _next(self, before: ArrearsSignal, kind: SignalKind, owed: int) -> list[ArrearsSignal]:
        """Return the contract's next signal, or None if it falls in the next month."""
        on = before.reported_at.date() + timedelta(self.dice.randint(1, 20))
        if (on - self.first).days >= self.days:
            return []
        version = before.version + 1
        later = replace(
            before,
            signal_id=f"{before.signal_id.rsplit('-', 1)[0]}-{version}",
            kind=kind,
            amount_cents=owed,
            reported_at=self._moment(on),
            version=version,
            crisis=before.crisis if owed else None,
        )
        return [later]

    def _moment(self, on: date) -> datetime:
        return datetime.combine(on, time(), UTC) + timedelta(seconds=self.dice.randint(6 * 3600, 20 * 3600))

    def _publication(self, at: datetime, signal: ArrearsSignal) -> Publication:
        return Publication(at, self.sector.creditor, self.at_home.number, signal)


def _distinct(dice: Random, sectors: tuple[Sector, ...], weights: list[float], count: int) -> list[Sector]:
    left = list(zip(sectors, weights, strict=True))
    chosen = []
    for _ in range(count):
        sector, weight = dice.choices(left, [weight for _, weight in left])[0]
        left.remove((sector, weight))
        chosen.append(sector)
    return chosen


def _waves(publications: list[Publication]) -> tuple[tuple[Publication, ...], ...]:
    waves: list[list[Publication]] = []
    turn: dict[int, int] = {}
    for sent in publications:
        index = turn.get(sent.household, 0)
        turn[sent.household] = index + 1
        if index == len(waves):
            waves.append([])
        waves[index].append(sent)
    return tuple(tuple(wave) for wave in waves)


def _is_peak(sector: Sector, first: date) -> bool:
    return first.month == 3 and sector.partner_type is PartnerType.HEALTH
