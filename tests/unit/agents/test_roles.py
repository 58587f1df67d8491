"""Whose rights are ours to take away: any creditor's, named or not, and those of roles of before."""

from __future__ import annotations

import pytest

from eropaf.agents import access, roles
from eropaf.agents.topology import table
from eropaf.streams.operate.acls import READ
from eropaf_client.schemas.topics import DOOR_SAFETY


@pytest.mark.parametrize("principal", ["creditor-old", roles.of_creditor("water"), *roles.RETIRED])
def test_creditors_and_roles_of_before_are_ours(principal: str) -> None:
    assert roles.is_ours(principal)


@pytest.mark.parametrize("principal", ["admin", "creditors", "eropaf", "ANONYMOUS"])
def test_others_on_the_cluster_are_not(principal: str) -> None:
    assert not roles.is_ours(principal)


def test_every_creditor_in_the_table_has_a_role_that_is_ours() -> None:
    everybody = access.roles(table("eropaf", ("rent", "a.b")))

    assert sorted(filter(roles.is_ours, everybody)) == ["creditor-a.b", "creditor-rent"]


def test_no_creditor_tool_or_webhook_may_see_which_addresses_are_unsafe() -> None:
    given = access.grants(table("eropaf", ("rent",)), "eropaf")

    readers = {each.principal for each in given if each.name == DOOR_SAFETY and each.operation == READ}

    assert readers == {roles.BOARD, roles.DESK, roles.BACKUP, roles.RESTORE}
