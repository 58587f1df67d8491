"""The whole exercise: savepoints while workers run, a cluster lost, and what was promised since kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path

import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.installation import Installation
from eropaf.risk.history import tell
from eropaf.risk.identity import household_key
from eropaf.risk.records import NOWHERE, Address, HouseholdEvent
from eropaf.simulate.month import Publication, month
from eropaf.streams.operate.savepoint_file import check
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.reading import read_all
from eropaf_client.records import Resident
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS
from eropaf_client.schemas.wire import Codec
from tests.builders import SECRET, amsterdam_example, an_arrears_signal
from tests.conftest import SOON
from tests.integration.disk import holders
from tests.integration.processes import PATIENCE_S, ended, until
from tests.integration.system import System
from tests.integration.test_savepoint import events, in_order, rows

pytestmark = pytest.mark.kafka

UNPACKED = {"compression.type": "uncompressed"}
ERASED = Address("9876ZW", 41_233, "")
OBJECTS = Address("9876ZW", 41_235, "")
GONE = b"contract-to-forget"


@contextmanager
def signals_coming(system: System, signals: list[Publication]) -> Iterator[None]:
    """Let `signals` come one after the other, a few a second, until the block ends."""
    stop = threading.Event()

    def publish() -> None:
        with ExitStack() as stack:
            publishers = {
                creditor: stack.enter_context(ArrearsPublisher(system.bootstrap, creditor))
                for creditor in {each.creditor for each in signals}
            }
            for each in signals:
                publishers[each.creditor].report(each.signal)
                if stop.wait(0.2):
                    return

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def events_of_then(system: System, offsets: list[int]) -> list[HouseholdEvent]:
    """Return what the household stage had read when these were its offsets."""
    codec = Codec("HouseholdEvent", HOUSEHOLD_EVENTS, LocalRegistry())
    return [
        HouseholdEvent.from_record(codec.decode(record.value()))
        for record in read_all(system.bootstrap, HOUSEHOLD_EVENTS)
        if (record.offset() or 0) < offsets[record.partition() or 0]
    ]


def test_a_savepoint_taken_while_signals_come_is_of_one_moment(
    fresh: EmbeddedKafka, elsewhere: EmbeddedKafka, tmp_path: Path
) -> None:
    signals = [each for day in month(3_000, date(2026, 3, 1), seed=7) for wave in day.waves for each in wave]
    file, ledger = tmp_path / "savepoint", tmp_path / "ledger"
    old = System(fresh, tmp_path)
    with ended(old.workers):
        old.until_reading()
        with signals_coming(old, signals):
            until(lambda: len(old.updates()) > 5, PATIENCE_S, "updates told")
            told_before = len(old.updates())
            old.command("state", "export", "--while-running", str(file))
            until(lambda: len(old.updates()) > told_before, PATIENCE_S, "updates told on")
        old.command("state", "ledger", str(ledger))
        old.stop()

    then = events_of_then(old, check(file).offsets[HOUSEHOLD_EVENTS])
    (tmp_path / "new").mkdir()
    new = System(elsewhere, tmp_path / "new", started=False)
    new.command("state", "import", str(file), f"--ledger={ledger}")
    assert rows(new) == tell(then, amsterdam_example()).households
    assert 0 < len(then) < len(events(old))
    new.workers = new.start()
    with ended(new.workers):
        new.until_reading()
        new.quiet(0)
        new.stop()
    whole = tell([*then, *events(new)], amsterdam_example())
    assert in_order(new.updates()) == in_order(whole.updates)


def test_who_was_erased_or_objected_since_the_savepoint_stays_so_on_a_new_cluster(
    installation: Installation, fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    file, ledger, data = tmp_path / "yesterday.savepoint", tmp_path / "ledger", tmp_path / "kafka"
    erased = Resident(postcode="9876ZW", house_number="41233")
    objects = Resident(postcode="9876ZW", house_number="41235")
    old = System(fresh, tmp_path)
    with ended(old.workers):
        old.until_reading()
        with ArrearsPublisher(old.bootstrap, "rent") as publisher:
            publisher.report(an_arrears_signal(contract="contract-to-forget", resident=erased))
            publisher.report(an_arrears_signal(contract="contract-that-stays", resident=objects))
        old.quiet(2)
        assert len(old.rows()) == 2
        old.command("state", "export", "--while-running", str(file))
        old.command("state", "ledger", str(ledger))

        old.command("resident", "erase", "9876 ZW 41233")
        old.command("resident", "object", "9876 ZW 41235")
        assert "2 erasures and objections" in old.command("state", "ledger", str(ledger))
        assert "0 erasures and objections" in old.command("state", "ledger", str(ledger))
        old.stop()

    data.mkdir()
    (tmp_path / "new").mkdir()
    with EmbeddedKafka(data_dir=data, installation=installation, properties=SOON | UNPACKED) as kafka:
        new = System(kafka, tmp_path / "new", started=False)
        assert "Name the ledger" in new.command("state", "import", str(file), status=2)
        new.command("state", "import", str(file), f"--ledger={ledger}")
        new.workers = new.start()
        with ended(new.workers):
            new.until_reading()
            key = household_key(OBJECTS, SECRET)
            new.at_rest()
            new.stop()

        here = rows(new)
        # That it was erased is known by its key, and no more.
        remembered = here.pop(household_key(ERASED, SECRET))
        assert (remembered.address, remembered.positions) == (NOWHERE, ())
        assert {household: row.objected for household, row in here.items()} == {key: True}
        found = holders(data, (key.encode(), GONE))
        assert found.pop(key.encode()), "the search finds what there is"
        assert set().union(*found.values()) == set()
