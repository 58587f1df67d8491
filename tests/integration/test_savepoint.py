"""A savepoint imported, on its own cluster or another, goes on with no gap and no repeat."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.risk.history import tell
from eropaf.risk.policy import Policy
from eropaf.risk.records import HouseholdEvent
from eropaf.risk.rows import HouseholdRow
from eropaf.risk.told import PriorityUpdate
from eropaf.settings.policy import policy_text
from eropaf.simulate.month import Publication, month
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.schemas.topics import EVERY, HOUSEHOLD_EVENTS
from tests.builders import amsterdam_example
from tests.integration.processes import PATIENCE_S, ended, until
from tests.integration.system import CHANGELOG, System

pytestmark = pytest.mark.kafka


def halves() -> tuple[list[Publication], list[Publication]]:
    """Return a month's signals; of most households with several, some are in either half."""
    sent = [each for day in month(15_000, date(2026, 3, 1), seed=7) for wave in day.waves for each in wave]
    return sent[: len(sent) // 2], sent[len(sent) // 2 :]


def publish(system: System, signals: list[Publication]) -> None:
    for creditor in sorted({each.creditor for each in signals}):
        with ArrearsPublisher(system.bootstrap, creditor) as publisher:
            publisher.report_all(each.signal for each in signals if each.creditor == creditor)


def events(system: System) -> list[HouseholdEvent]:
    return [HouseholdEvent.from_record(value) for _, value in system.read(HOUSEHOLD_EVENTS, "HouseholdEvent")]


def signals_told(system: System) -> list[HouseholdEvent]:
    return [event for event in events(system) if event.household != EVERY]


def read(policy: Path) -> Policy:
    return Policy.parse(policy.read_text("utf-8"))


def rows(system: System) -> dict[str, HouseholdRow]:
    return {
        key.decode(): HouseholdRow.from_record(row)
        for key, row in system.read(CHANGELOG, "HouseholdRow")
        if row.get("policy") is None
    }


def move(old: System, new: System, file: Path, status: int = 0) -> str:
    """Put a savepoint of `old` into `new`, with what must outlive it; return what was said."""
    old.command("state", "ledger", f"{file}.ledger")
    return new.command("state", "import", str(file), f"--ledger={file}.ledger", status=status)


def in_order(updates: list[PriorityUpdate]) -> list[PriorityUpdate]:
    return sorted(updates, key=lambda update: (update.household, update.sequence))


def sequence_of(update: PriorityUpdate) -> int:
    return update.sequence


def untold(update: PriorityUpdate) -> PriorityUpdate:
    """Return an update without what says that it is another one."""
    return replace(update, update_id="", sequence=0)


def test_a_system_that_was_moved_goes_on_with_no_gap_and_no_repeat(
    fresh: EmbeddedKafka, elsewhere: EmbeddedKafka, tmp_path: Path
) -> None:
    first, second = halves()
    file = tmp_path / "savepoint"
    old = System(fresh, tmp_path)
    with ended(old.workers):
        old.until_reading()
        publish(old, first)
        old.quiet(len(first))
        said = old.command("state", "export", str(file), status=1)
        assert "workers of group eropaf run" in said
        assert not file.exists()
        old.stop()
    publish(old, second[:200])  # not read any more: it travels in the savepoint
    assert "holds personal data" in old.command("state", "export", str(file))
    assert file.stat().st_mode & 0o777 == 0o600

    (tmp_path / "new").mkdir()
    new = System(elsewhere, tmp_path / "new", started=False)
    move(old, new, file)
    assert in_order(new.updates()) == in_order(old.updates())
    ledger = f"--ledger={file}.ledger"
    assert "holds records already" in new.command("state", "import", str(file), ledger, status=1)
    new.workers = new.start()
    with ended(new.workers):
        publish(new, second[200:])
        until(lambda: len(events(new)) == len(second), PATIENCE_S, "every event of the second half")
        whole = tell([*events(old), *events(new)], amsterdam_example())
        until(lambda: rows(new) == whole.households, PATIENCE_S, "every event folded")
        until(lambda: len(new.updates()) >= len(whole.updates), PATIENCE_S, "every update")
        new.stop()

    assert in_order(new.updates()) == in_order(whole.updates)


def test_moved_to_more_partitions_it_goes_on_with_no_gap_no_repeat_and_its_policy(
    fresh: EmbeddedKafka, elsewhere: EmbeddedKafka, tmp_path: Path
) -> None:
    first, second = halves()
    file = tmp_path / "savepoint"
    policy = tmp_path / "policy.toml"
    shipped = policy_text("amsterdam-example")
    policy.write_text(shipped.replace('version = "amsterdam-example-3"', 'version = "another"'), "utf-8")
    old = System(fresh, tmp_path, EROPAF_PARTITIONS="3")
    with ended(old.workers):
        old.until_reading()
        old.command("policy", "activate", str(policy))
        publish(old, first)
        until(lambda: len(signals_told(old)) == len(first), PATIENCE_S, "every event of the first half")
        until(
            lambda: rows(old) == tell(signals_told(old), read(policy)).households,
            PATIENCE_S,
            "every event folded",
        )
        old.stop()
    # Not read any more: they travel in the savepoint, and keep their order by contract.
    publish(old, second[:200])
    old.command("state", "export", str(file))

    (tmp_path / "new").mkdir()
    new = System(elsewhere, tmp_path / "new", started=False, EROPAF_PARTITIONS="7")
    move(old, new, file)
    assert in_order(new.updates()) == in_order(old.updates())
    new.workers = new.start()
    with ended(new.workers):
        publish(new, second[200:])
        until(lambda: len(signals_told(new)) == len(second), PATIENCE_S, "every event of the second half")
        whole = tell([*signals_told(old), *signals_told(new)], read(policy))
        until(lambda: rows(new) == whole.households, PATIENCE_S, "every event folded")
        until(lambda: len(new.updates()) >= len(whole.updates), PATIENCE_S, "every update")
        new.stop()

    assert in_order(new.updates()) == in_order(whole.updates)
    assert {update.policy_version for update in new.updates()} == {"another"}


def test_a_savepoint_fits_no_fewer_partitions_nor_more_with_a_day_unread(
    fresh: EmbeddedKafka, elsewhere: EmbeddedKafka, tmp_path: Path
) -> None:
    file = tmp_path / "savepoint"
    old = System(fresh, tmp_path, started=False, EROPAF_PARTITIONS="3")
    old.command("topics", "create")
    old.command("tick", "--on", "2026-03-02")
    old.command("state", "export", str(file))
    (tmp_path / "new").mkdir()
    new = System(elsewhere, tmp_path / "new", started=False, EROPAF_PARTITIONS="4")

    said = move(old, new, file, status=1)
    assert "an unread record meant for every partition" in said
    assert new.read(HOUSEHOLD_EVENTS, "HouseholdEvent") == []

    more = tmp_path / "more"
    new.command("state", "export", str(more))
    assert "fewer partitions" in move(new, old, more, status=1)


def test_what_was_done_since_a_savepoint_is_undone_told_and_done_again(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    first, second = halves()
    file = tmp_path / "savepoint"
    system = System(fresh, tmp_path)
    with ended(system.workers):
        system.until_reading()
        publish(system, first)
        system.quiet(len(first))
        system.stop()
    system.command("state", "export", str(file))
    at_savepoint = rows(system)
    told_before = system.updates()
    system.workers = system.start()
    with ended(system.workers):
        publish(system, second)
        system.quiet(len(first) + len(second))
        system.stop()
    once, told_once = rows(system), system.updates()
    assert once != at_savepoint

    mirrored = system.command("state", "import", str(file), "--mirrored=region-a", status=2)
    assert "savepoint's own cluster" in mirrored
    said = system.command("state", "import", str(file))

    since = in_order([update for update in told_once if update not in told_before])
    told_of = {update.household for update in since}
    assert f"{len(told_of)} households told of since" in said
    assert rows(system) == at_savepoint
    system.workers = system.start()
    with ended(system.workers):
        until(lambda: rows(system) == once, PATIENCE_S, "the work done again")
        whole = len(told_once) + len(told_of) + len(since)
        until(lambda: len(system.updates()) == whole, PATIENCE_S, "all told again")
        system.stop()
    again = in_order([update for update in system.updates() if update not in told_once])
    for household in told_of:
        as_it_was, *anew = (update for update in again if update.household == household)
        before = [update for update in told_before if update.household == household]
        assert as_it_was.band == (max(before, key=sequence_of).band if before else "NONE")
        assert [*map(untold, anew)] == [untold(update) for update in since if update.household == household]
    # None is a repeat to an outreach tool: it hears how it was, and each update since once more.
    heard = system.command("watch", "--until-caught-up").splitlines()
    assert len(heard) == whole


def test_a_savepoint_that_is_not_whole_is_refused(fresh: EmbeddedKafka, tmp_path: Path) -> None:
    system = System(fresh, tmp_path, started=False)
    system.command("topics", "create")
    file = tmp_path / "savepoint"
    system.command("state", "export", str(file))
    whole = file.read_bytes()

    for damaged in (b"no savepoint", whole[:-30], whole[: len(whole) // 2]):
        file.write_bytes(damaged)
        said = system.command("state", "import", str(file), status=1)
        assert "damaged" in said or "not the whole savepoint" in said
