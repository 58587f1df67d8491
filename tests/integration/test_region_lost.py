"""A region is lost while signals come: another one goes on from its savepoint, its ledger and its mirror."""

from __future__ import annotations

import shlex
import shutil
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.risk.history import tell
from eropaf.risk.identity import household_key
from eropaf.risk.records import NOWHERE, Address, HouseholdEvent
from eropaf.risk.rows import HouseholdRow
from eropaf.streams.operate.savepoint_file import check
from eropaf.streams.operate.topics import admin
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.reading import read_all
from eropaf_client.records import Resident
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import (
    AUDIT,
    CLAIMS,
    DOOR_SAFETY,
    HOUSEHOLD_EVENTS,
    OUTCOMES,
    PRIORITIES,
    RESIDENTS,
    arrears,
)
from eropaf_client.schemas.wire import Codec
from tests.builders import SECRET, amsterdam_example, an_arrears_signal
from tests.integration.mirror_maker import RUNBOOK, mirroring
from tests.integration.processes import PATIENCE_S, ended, until
from tests.integration.system import System
from tests.integration.test_restore_drill import events_of_then
from tests.integration.test_savepoint import events, rows
from tests.named_commands import shell_lines

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.skipif(
        shutil.which("mvn") is None, reason="NO MAVEN, SO NO MIRRORMAKER: THE LOSS OF A REGION IS NOT TRIED"
    ),
]

MIRRORED_WITHIN_S = 120.0
RENT = arrears("rent")
MIRRORED = (RENT, RESIDENTS, HOUSEHOLD_EVENTS, PRIORITIES, OUTCOMES, CLAIMS, DOOR_SAFETY, AUDIT)
STAYS, ERASED, OBJECTS, NEW, GONE = (Address("9876ZW", 41_231 + 2 * n, "") for n in range(5))
# One after the other, as fast as each is stored.
SENT = 300
COPIED = "region-a."


def resident(address: Address) -> Resident:
    return Resident(postcode=address.postcode, house_number=str(address.house_number))


def contracts_signalled(bootstrap: str, topic: str) -> set[str]:
    codec = Codec("ArrearsSignal", RENT, LocalRegistry())
    return {codec.decode(record.value())["contract"] for record in read_all(bootstrap, topic)}


def until_mirrored(old: System, elsewhere: EmbeddedKafka) -> None:
    """Wait until the mirror holds all that region-a holds."""

    def counts(bootstrap: str, before: str) -> list[int]:
        return [len(list(read_all(bootstrap, before + topic))) for topic in MIRRORED]

    kafka = admin(elsewhere.bootstrap, {})
    copies = {COPIED + topic for topic in MIRRORED}
    until(lambda: copies <= set(kafka.list_topics(timeout=PATIENCE_S).topics), MIRRORED_WITHIN_S, "copies")
    until(
        lambda: counts(elsewhere.bootstrap, COPIED) == counts(old.bootstrap, ""),
        MIRRORED_WITHIN_S,
        "mirrored",
    )


def import_of_the_runbook(folder: Path) -> list[str]:
    """Return the words of the runbook's import, with this test's files."""
    lines = shell_lines(RUNBOOK.read_text("utf-8"))
    (line,) = [line for line in lines if line.startswith("eropaf state import")]
    places = {"/backup/newest.savepoint": folder / "savepoint", "/backup/ledger": folder / "ledger"}
    return [str(places.get(word, word)) for word in shlex.split(line)[1:]]


def sent_while_it_goes(publisher: ArrearsPublisher) -> dict[str, float]:
    """Publish signal after signal; return when each was acknowledged, by its contract."""
    acknowledged = {}
    for number in range(SENT):
        home = Resident(postcode="9876ZW", house_number=str(51_001 + 2 * number))
        publisher.report(an_arrears_signal(contract=f"late-{number}", resident=home))
        acknowledged[f"late-{number}"] = time.monotonic()
    return acknowledged


def told(bootstrap: str, topic: str) -> dict[tuple[bytes, int], set[bytes]]:
    """Return what outreach was told, by household and sequence."""
    codec = Codec("PriorityUpdate", PRIORITIES, LocalRegistry())
    found: dict[tuple[bytes, int], set[bytes]] = {}
    for record in read_all(bootstrap, topic):
        if record.value() is not None:
            sequence = codec.decode(record.value())["sequence"]
            found.setdefault((record.key(), sequence), set()).add(record.value())
    return found


@dataclass(frozen=True, slots=True)
class Lost:
    """What was known of region-a when it was lost, while signals came."""

    then: list[HouseholdEvent]
    """What its workers had read at the savepoint."""
    stood: dict[str, HouseholdRow]
    """Once the mirror had all of what came since, and before the last signals."""
    acknowledged: dict[str, float]
    """When each of the last signals was stored, by its contract."""
    at: float


def lived_and_lost(old: System, kafka: EmbeddedKafka, elsewhere: EmbeddedKafka) -> Lost:
    """Take the savepoint, let what the mirror alone knows come after it, and kill the cluster."""
    folder = old.folder
    with (
        ArrearsPublisher(old.bootstrap, "rent") as publisher,
        mirroring(folder, old.bootstrap, elsewhere.bootstrap),
    ):
        for name, home in (("stays", STAYS), ("erased", ERASED), ("objects", OBJECTS), ("gone", GONE)):
            publisher.report(an_arrears_signal(contract=name, resident=resident(home)))
        old.quiet(4)
        old.command("resident", "erase", f"9876 ZW {GONE.house_number}")
        old.at_rest()
        old.command("state", "export", "--while-running", str(folder / "savepoint"))
        old.command("state", "ledger", str(folder / "ledger"))
        then = events_of_then(old, check(folder / "savepoint").offsets[HOUSEHOLD_EVENTS])

        first = an_arrears_signal(contract="stays", resident=resident(STAYS))
        publisher.report(replace(first, signal_id="signal-2", version=2, amount_cents=220_000))
        publisher.report(an_arrears_signal(contract="new", resident=resident(NEW)))
        old.command("resident", "erase", f"9876 ZW {ERASED.house_number}")
        old.command("resident", "object", f"9876 ZW {OBJECTS.house_number}")
        old.quiet(9)
        until_mirrored(old, elsewhere)
        stood = rows(old)

        acknowledged = sent_while_it_goes(publisher)
        kafka.nodes[0].kill()
        at = time.monotonic()
    return Lost(then, stood, acknowledged, at)


def test_another_region_goes_on_from_savepoint_ledger_and_mirror(
    fresh: EmbeddedKafka, elsewhere: EmbeddedKafka, tmp_path: Path
) -> None:
    old = System(fresh, tmp_path)
    with ended(old.workers):
        old.until_reading()
        lost = lived_and_lost(old, fresh, elsewhere)
        old.workers.kill()

    (tmp_path / "new").mkdir()
    new = System(elsewhere, tmp_path / "new", started=False)
    known = told(new.bootstrap, COPIED + PRIORITIES)
    copied = contracts_signalled(new.bootstrap, COPIED + RENT)
    said = new.command(*import_of_the_runbook(tmp_path))
    new.workers = new.start()
    with ended(new.workers):
        new.until_reading()
        back_s = time.monotonic() - lost.at
        new.at_rest()
        new.stop()

    missed_s = [lost.at - at for contract, at in lost.acknowledged.items() if contract not in copied]
    sys.stdout.write(
        f"{said}\n{len(missed_s)} of {len(lost.acknowledged)} acknowledged signals lost, the oldest "
        f"{max(missed_s, default=0):.2f} s before the region; workers read again {back_s:.1f} s after it\n"
    )
    assert len(missed_s) < SENT, "the mirror follows"
    here = rows(new)
    signalled = {position.contract for row in here.values() for position in row.positions}
    assert signalled == copied - {"erased", "gone", "objects"}
    for home in (STAYS, NEW, OBJECTS):
        key = household_key(home, SECRET)
        assert here[key].positions == lost.stood[key].positions
    assert [key for key, row in here.items() if row.objected] == [household_key(OBJECTS, SECRET)]
    erased = {household_key(home, SECRET) for home in (ERASED, GONE)}
    # That they were erased is known, and no more.
    remembered = {key: here.pop(key) for key in erased & here.keys()}
    assert all(row.address == NOWHERE and not row.positions for row in remembered.values())
    kept = [event for event in (*lost.then, *events(new)) if event.household not in erased]
    assert here == tell(kept, amsterdam_example()).households
    # Of who was erased before the savepoint, the tombstone is there.
    assert [new.newest(PRIORITIES, household_key(home, SECRET)) for home in (ERASED, GONE)] == [[], [None]]
    anew = told(new.bootstrap, PRIORITIES)
    for place in known.keys() & anew.keys():
        assert known[place] == anew[place], "one sequence, one update"
