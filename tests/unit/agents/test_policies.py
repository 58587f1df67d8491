"""The policy that holds in a partition: one version has one text, whoever brought it first."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from eropaf.agents.policy import KEY, Policies
from eropaf.agents.topology import stages
from eropaf.risk.events import PolicyActivated
from eropaf.risk.policy import Policy
from eropaf.risk.refusal import Refused
from eropaf.risk.rows import PartitionRow
from eropaf.streams.runtime.stage import TableSpec
from eropaf.streams.state.rows import InMemory
from eropaf.streams.state.table import TablePartition
from eropaf_client.schemas.registry import LocalRegistry
from tests.builders import AMSTERDAM_EXAMPLE, amsterdam_example

VERSION = amsterdam_example().version
OTHER = AMSTERDAM_EXAMPLE.replace("breadth = 15", "breadth = 20")
LATER = AMSTERDAM_EXAMPLE.replace(f'version = "{VERSION}"', 'version = "later"')


def a_table() -> TablePartition[object]:
    return TablePartition(TableSpec("rows", encode=bytes, decode=bytes), InMemory())


def activation(text: str, at: int = 0) -> PolicyActivated:
    return PolicyActivated(Policy.parse(text).version, text, at)


def activate(
    policies: Policies, table: TablePartition[object], text: str, at: int = 0
) -> PartitionRow | None:
    """Put a policy in force, as the agents do."""
    row = policies.activated(table, activation(text, at))
    if row is not None:
        table.put(KEY, row)
    return row


def test_another_text_under_the_version_of_the_settings_own_is_refused() -> None:
    policies, table = Policies(amsterdam_example()), a_table()

    with pytest.raises(Refused, match="never changes its text"):
        activate(policies, table, OTHER)

    assert policies.of(table) == amsterdam_example()


def test_another_text_under_a_version_that_was_activated_is_refused() -> None:
    policies, table = Policies(amsterdam_example()), a_table()
    activate(policies, table, LATER)

    with pytest.raises(Refused, match="never changes its text"):
        activate(policies, table, LATER.replace("breadth = 15", "breadth = 20"))

    assert policies.of(table) == Policy.parse(LATER)


def answers(policies: list[Policies], table: TablePartition[object], text: str) -> list[bool]:
    """Return whether each of `policies` takes `text` in force in a partition that is as `table`."""
    taken, before = [], table.get(KEY)
    for each in policies:
        if before is not None:
            table.put(KEY, before)
        try:
            activate(each, table, text)
        except Refused:
            taken.append(False)
        else:
            taken.append(True)
    return taken


def test_a_worker_that_refused_a_text_answers_as_one_that_was_restarted_since() -> None:
    lived_through, table = Policies(amsterdam_example()), a_table()
    with pytest.raises(Refused):
        activate(lived_through, table, OTHER)

    assert answers([lived_through, Policies(amsterdam_example())], table, AMSTERDAM_EXAMPLE) == [True, True]


def test_a_worker_that_saw_an_earlier_text_answers_as_one_that_was_restarted_since() -> None:
    lived_through, table = Policies(amsterdam_example()), a_table()
    for text in (LATER, LATER.replace('"later"', '"latest"')):
        activate(lived_through, table, text)

    again = LATER.replace("breadth = 15", "breadth = 20")

    assert len(set(answers([lived_through, Policies(amsterdam_example())], table, again))) == 1


def test_the_same_text_again_is_taken() -> None:
    policies, table = Policies(amsterdam_example()), a_table()

    assert activate(policies, table, AMSTERDAM_EXAMPLE) == PartitionRow(activation(AMSTERDAM_EXAMPLE), 1)
    assert activate(policies, table, AMSTERDAM_EXAMPLE) == PartitionRow(activation(AMSTERDAM_EXAMPLE), 2)


def test_an_activation_that_is_replayed_after_a_later_one_changes_nothing() -> None:
    """An operator sends old letters again; whoever decides outside the flow goes by the newest as well."""
    policies, table = Policies(amsterdam_example()), a_table()
    first = activate(policies, table, AMSTERDAM_EXAMPLE, at=1)
    later = activate(policies, table, LATER, at=2)

    assert first is not None
    assert later is not None
    assert activate(policies, table, AMSTERDAM_EXAMPLE, at=1) is None
    assert table.get(KEY) == later


def test_a_row_is_kept_by_who_has_told_it_and_not_before() -> None:
    policies, table = Policies(amsterdam_example()), a_table()

    assert policies.activated(table, activation(LATER)) is not None
    assert table.get(KEY) is None


def test_what_was_activated_before_holds_though_the_settings_text_differs_now() -> None:
    table = a_table()
    table.put(KEY, PartitionRow(activation(OTHER), 1))

    assert Policies(amsterdam_example()).of(table) == Policy.parse(OTHER)


# What an older version took and this one does not: a kind without `valid_days`, as in amsterdam-example-1.
OLDER = PolicyActivated("older", "\n".join(
    line for line in LATER.replace('"later"', '"older"').splitlines() if not line.startswith("valid_days")
), 0)  # fmt: skip


def test_where_an_older_policy_cannot_be_read_the_settings_hold_logged_once() -> None:
    policies, table = Policies(amsterdam_example()), a_table()
    table.put(KEY, PartitionRow(OLDER, 3))

    with capture_logs() as logged:
        held = [policies.of(table), policies.of(table)]

    assert held == [amsterdam_example()] * 2
    assert [(line["log_level"], line["activated"], line["settings"]) for line in logged] == [
        ("error", "older", VERSION)
    ]
    # It is there still for who goes back to the version before.
    assert table.get(KEY) == PartitionRow(OLDER, 3)


def test_another_policy_takes_the_place_of_one_that_cannot_be_read() -> None:
    policies, table = Policies(amsterdam_example()), a_table()
    table.put(KEY, PartitionRow(OLDER, 3))

    assert activate(policies, table, LATER) == PartitionRow(activation(LATER), 4)
    assert policies.of(table) == Policy.parse(LATER)


def test_that_the_settings_policy_does_not_hold_is_logged_once() -> None:
    policies, later = Policies(amsterdam_example()), Policy.parse(LATER)

    with capture_logs() as logged:
        policies.tell(later)
        policies.tell(later)

    assert [(line["holds"], line["settings"]) for line in logged] == [("later", VERSION)]


def test_of_other_numbers_under_the_same_version_the_log_tells_too() -> None:
    with capture_logs() as logged:
        Policies(amsterdam_example()).tell(Policy.parse(OTHER))

    assert len(logged) == 1


def test_of_the_settings_own_policy_nothing_is_logged_though_it_was_activated() -> None:
    with capture_logs() as logged:
        Policies(amsterdam_example()).tell(Policy.parse(AMSTERDAM_EXAMPLE))

    assert logged == []


def test_a_partition_is_counted_under_the_policy_that_holds_in_it() -> None:
    spec = stages("eropaf", ["rent"], LocalRegistry()).ranking.table
    assert spec is not None
    table: TablePartition[object] = TablePartition(spec, InMemory())
    policies = Policies(amsterdam_example())

    activate(policies, table, AMSTERDAM_EXAMPLE)
    table.rest()
    activate(policies, table, LATER)
    table.rest()

    assert +table.tallies == {"policy later": 1}
