"""An activated policy reaches every household, slice by slice, and a worker that starts anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.settings.policy import policy_text
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.records import Resident
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS
from tests.builders import an_arrears_signal
from tests.integration.life import KEYS, at, expect, judge, signal
from tests.integration.processes import PATIENCE_S, until
from tests.integration.system import CHANGELOG, System, running

pytestmark = pytest.mark.kafka


@pytest.fixture
def system(fresh: EmbeddedKafka, tmp_path: Path) -> Iterator[System]:
    with running(fresh, tmp_path, **KEYS) as started:
        yield started


def test_a_policy_reaches_everyone_and_says_so_also_after_a_restart(system: System, tmp_path: Path) -> None:
    signal(system, "rent", reported_at=at(2))
    expect(system, "RAISED MEDIUM")
    text = policy_text("amsterdam-example")
    stricter = tmp_path / "stricter.toml"
    stricter.write_text(
        text.replace("amsterdam-example-3", "stricter-1").replace(
            "enter = 40\nleave = 32", "enter = 41\nleave = 41"
        ),
        encoding="utf-8",
    )
    assert "bands.MEDIUM.enter: 40 -> 41" in system.command(
        "policy", "diff", "amsterdam-example", str(stricter)
    )

    system.command("policy", "activate", str(stricter))
    expect(system, "RAISED MEDIUM", "LOWERED LOW")
    system.command("policy", "activate", str(stricter))  # twice does no harm

    assert [update.policy_version for update in system.updates()] == ["amsterdam-example-3", "stricter-1"]
    stricter.write_text(text.replace("amsterdam-example-3", "stricter-1"), encoding="utf-8")
    assert "A version's text never changes" in system.command("policy", "activate", str(stricter), status=1)

    system.restart()
    signal(
        system, "rent", reported_at=at(3), version=2, amount_cents=112_800
    )  # 2.05 months: 41 points, 0.25 grown
    expect(system, "RAISED MEDIUM", "LOWERED LOW", "RAISED MEDIUM")
    assert system.updates()[-1].policy_version == "stricter-1"
    judge(system)


def test_a_policy_reaches_a_partition_of_many_households_slice_by_slice(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    other = tmp_path / "other.toml"
    other.write_text(policy_text("amsterdam-example").replace("amsterdam-example-3", "other-1"), "utf-8")
    with running(fresh, tmp_path, EROPAF_PARTITIONS="1", **KEYS) as system:
        with ArrearsPublisher(system.bootstrap, "rent") as publisher:
            publisher.report_all(
                an_arrears_signal(
                    signal_id=f"s-{number}",
                    contract=f"c-{number}",
                    resident=Resident(postcode="1011 AB", house_number=str(number)),
                )
                for number in range(1, 502)
            )
        system.quiet(501)

        system.command("policy", "activate", str(other))
        until(lambda: ticks(system)[-1:] == [(2, 3)], PATIENCE_S, "the last slice told")
        until(
            lambda: under(system, "other-1") == 501,
            PATIENCE_S,
            "every household looked at under the new policy",
        )

        assert ticks(system) == [(0, 0), (0, 3), (1, 3), (2, 3)]
        judge(system)


def ticks(system: System) -> list[tuple[int, int]]:
    """Return slice and number of slices of each tick."""
    told = [event["tick"] for _, event in system.read(HOUSEHOLD_EVENTS, "HouseholdEvent")]
    return [(tick["slice"], tick["slices"]) for tick in told if tick is not None]


def under(system: System, policy_version: str) -> int:
    """Return how many households' rows say that they were made under a policy."""
    rows = dict(system.read(CHANGELOG, "HouseholdRow"))
    return sum(row["policy_version"] == policy_version for row in rows.values())
