"""What creditors send in a schedule: a few households with long histories, encoded once for all schedules."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from itertools import islice
from random import Random

from faust.types import TP

from eropaf.risk.address import normalise
from eropaf.risk.identity import resident_key
from eropaf.simulate.calibration import AMSTERDAM
from eropaf.simulate.city import home
from eropaf_client.records import ArrearsSignal
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import RESIDENTS, arrears
from eropaf_client.schemas.wire import Codec
from tests.chaos.feed import POISON, signals
from tests.model.log import Data
from tests.model.murmur import partition_of

SEED = 1
MOST = 2_500
CREDITORS = ("rent", "health")
# Households of one schedule, and signals: few, so that each has a history.
HOUSEHOLDS = 5

Fed = tuple[TP, Data]


@cache
def districts() -> list[list[tuple[str, bytes, bytes]]]:
    """Return topic, key and value of the signals of a few households each, in the order they are sent."""
    codecs = {name: Codec("ArrearsSignal", arrears(name), LocalRegistry()) for name in CREDITORS}
    by_resident: dict[object, list[tuple[int, str, ArrearsSignal]]] = defaultdict(list)
    for number, sent in enumerate(islice(signals(SEED, CREDITORS), MOST)):
        by_resident[sent.signal.resident].append((number, sent.creditor, sent.signal))
    told = sorted(by_resident.values(), key=len, reverse=True)[: 40 * HOUSEHOLDS]
    Random(SEED).shuffle(told)
    found = []
    for first in range(0, len(told), HOUSEHOLDS):
        together = sorted(one for each in told[first : first + HOUSEHOLDS] for one in each)
        found.append(
            [
                (arrears(by), signal.contract.encode(), codecs[by].encode(signal.to_record()))
                for _, by, signal in together
            ]
        )
    return found


@cache
def entries(secret: bytes) -> list[tuple[bytes, bytes]]:
    """Return key and value of entries of the register."""
    codec, found = Codec("Residence", RESIDENTS, LocalRegistry()), []
    for number in range(40):
        at = home(Random(f"{SEED}/{number}").randrange(1_500), SEED, AMSTERDAM)
        address = normalise(at.postcode, str(at.house_number), at.addition).to_record()
        key = resident_key(f"{100_000_000 + number}", secret)
        found.append((key.encode(), codec.encode({"address": address})))
    return found


def sent(random: Random, count: int, partitions: int, secret: bytes, now_ms: int) -> list[Fed]:
    """Return what is fed in one schedule, in its order."""
    district = random.choice(districts())
    start = random.randrange(max(1, len(district) - count))
    fed: list[Fed] = []
    for topic, key, value in district[start : start + count]:
        fed.append((TP(topic, partition_of(key, partitions)), Data(key, value, now_ms + len(fed), None)))
        if random.random() < 0.05:
            bad = Data(b"poison", random.choice(POISON[:-1]), now_ms + len(fed), None)
            fed.append((TP(topic, random.randrange(partitions)), bad))
        if random.random() < 0.05:
            key, value = random.choice(entries(secret))
            fed.append(
                (TP(RESIDENTS, partition_of(key, partitions)), Data(key, value, now_ms + len(fed), None))
            )
    return fed
