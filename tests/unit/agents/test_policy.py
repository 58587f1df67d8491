"""The policy that holds in a partition: one version has one text, whoever brought it first."""

from __future__ import annotations

import pytest

from eropaf.agents.policy import KEY, Policies
from eropaf.risk.events import PolicyActivated
from eropaf.risk.policy import Policy
from eropaf.risk.refusal import Refused
from eropaf.risk.rows import PartitionRow
from eropaf.streams.runtime.stage import TableSpec
from eropaf.streams.state.rows import InMemory
from eropaf.streams.state.table import TablePartition
from tests.builders import AMSTERDAM_EXAMPLE, amsterdam_example

VERSION = amsterdam_example().version
OTHER = AMSTERDAM_EXAMPLE.replace("breadth = 15", "breadth = 20")
LATER = AMSTERDAM_EXAMPLE.replace(f'version = "{VERSION}"', 'version = "later"')


def a_table() -> TablePartition[object]:
    return TablePartition(TableSpec("rows", encode=bytes, decode=bytes), InMemory())


def activation(text: str) -> PolicyActivated:
    return PolicyActivated(Policy.parse(text).version, text, 0)


def test_another_text_under_the_version_of_the_settings_own_is_refused() -> None:
    policies, table = Policies(amsterdam_example()), a_table()

    with pytest.raises(Refused, match="one text"):
        policies.activate(table, activation(OTHER))

    assert policies.of(table) == amsterdam_example()


def test_another_text_under_a_version_that_was_activated_is_refused() -> None:
    policies, table = Policies(amsterdam_example()), a_table()
    policies.activate(table, activation(LATER))

    with pytest.raises(Refused, match="one text"):
        policies.activate(table, activation(LATER.replace("breadth = 15", "breadth = 20")))

    assert policies.of(table) == Policy.parse(LATER)


def test_the_same_text_again_is_taken() -> None:
    policies, table = Policies(amsterdam_example()), a_table()

    assert policies.activate(table, activation(AMSTERDAM_EXAMPLE)).sequence == 1
    assert policies.activate(table, activation(AMSTERDAM_EXAMPLE)).sequence == 2


def test_what_was_activated_before_holds_though_the_settings_have_another_text_by_now() -> None:
    table = a_table()
    table.put(KEY, PartitionRow(activation(OTHER), 1))

    assert Policies(amsterdam_example()).of(table) == Policy.parse(OTHER)
