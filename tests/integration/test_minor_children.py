"""Minor children over a real broker: refused while off, counted on a stated ground, and gone again."""

from __future__ import annotations

from pathlib import Path

import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.schemas.topics import EXPLANATIONS, HOUSEHOLD_EVENTS
from tests.builders import AMSTERDAM_EXAMPLE, HOUSEHOLD, MINOR_CHILDREN, an_arrears_signal
from tests.integration.life import KEYS, expect, judge
from tests.integration.processes import PATIENCE_S, until
from tests.integration.system import CHANGELOG, System, running

pytestmark = pytest.mark.kafka


def kept(system: System) -> dict[str, int]:
    """Return of how many residents each household keeps that minor children live there."""
    rows = {key.decode(): value for key, value in system.read(CHANGELOG, "HouseholdRow")}
    return {key: len(row["minor_children"]) for key, row in rows.items() if key != "*"}


def test_minor_children_count_only_while_a_policy_states_its_ground(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    register = tmp_path / "register.csv"
    lines = ("bsn,postcode,house_number,addition,minor_children", "123456782,1011AB,12,,yes",
             "111222333,1011AB,13,,yes", "999990019,1011AB,14,,no")  # fmt: skip
    register.write_text("\n".join(lines), encoding="utf-8")
    families = tmp_path / "families.toml"
    # Two months of rent are 40 points, a family's 55: above LOW only with them.
    text = AMSTERDAM_EXAMPLE.replace("enter = 40\nleave = 32", "enter = 50\nleave = 45") + MINOR_CHILDREN
    families.write_text(text.replace("amsterdam-example-3", "families-1"), encoding="utf-8")

    with running(fresh, tmp_path, **KEYS) as system:
        refused = system.command("residents", "load", str(register), status=1)
        assert "amsterdam-example-3, does not count them" in refused
        assert system.read("residents", "Residence") == []

        said = system.command("policy", "activate", str(families))
        assert "load it again" in said
        assert "3 entries stored" in system.command("residents", "load", str(register))
        until(lambda: set(kept(system).values()) == {1}, PATIENCE_S, "two families known")
        with ArrearsPublisher(system.bootstrap, "rent") as publisher:
            publisher.report(an_arrears_signal())
        expect(system, "RAISED MEDIUM")
        system.at_rest()
        explained = system.command("explain", HOUSEHOLD, "--purpose", "resident-asked", "--language", "nl")
        assert "minderjarige kinderen, volgens het register van de gemeente. (15 punten)" in explained
        assert len(kept(system)) == 2  # who is not in arrears is known, and nothing is told of him
        assert {update.household for update in system.updates()} == {HOUSEHOLD}
        assert {key for key, _ in system.read(EXPLANATIONS, "Explanation")} == {HOUSEHOLD.encode()}
        judge(system)

        system.command("policy", "activate", "amsterdam-example")
        until(lambda: kept(system) == {HOUSEHOLD: 0}, PATIENCE_S, "nothing of minor children kept")
        said_before = len(system.read(HOUSEHOLD_EVENTS, "HouseholdEvent"))
        assert "does not count them" in system.command("residents", "load", str(register), status=1)
        assert len(system.read(HOUSEHOLD_EVENTS, "HouseholdEvent")) == said_before
        judge(system)
