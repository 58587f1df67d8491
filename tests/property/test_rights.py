"""What somebody has a right to by its beginning is nobody else's: for all names that a flow may have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eropaf.agents import access, naming
from eropaf.agents.roles import RESTORE, WORKER, of_creditor, outboxes
from eropaf.agents.topology import table
from eropaf.streams.operate.acls import GROUP, READ, TOPIC, TRANSACTIONAL_ID, WRITE, Grant
from eropaf_client.schemas.topics import POLICY

# Few and alike, so that many begin as others do.
PARTS = st.sampled_from(
    ["water", "wate", "north", "n", "outbox", "creditor", "", "board", "append", "eropaf"]
)
NAMES = st.lists(PARTS, min_size=1, max_size=4).map("-".join).filter(bool)
FEW = st.lists(NAMES, min_size=1, max_size=4, unique=True)


def holds(grant: Grant, resource: str, name: str) -> bool:
    """Return whether a right is on this name."""
    found = name.startswith(grant.name) if grant.prefixed else name == grant.name
    return grant.resource == resource and found


def reach(names: list[str]) -> set[tuple[str, str]]:
    """Return each principal with a creditor, another one, to whose groups or transactions it has a right."""
    own = {
        name: [
            (GROUP, f"{of_creditor(name)}-tool"),
            (GROUP, f"{outboxes(name)}1f"),
            (TRANSACTIONAL_ID, f"{outboxes(name)}1f"),
        ]
        for name in names
    }
    return {
        (grant.principal, name)
        for grant in access.grants(table("eropaf", names), "eropaf")
        for name in names
        if grant.principal != of_creditor(name) and any(holds(grant, *each) for each in own[name])
    }


@given(FEW)
def test_creditors_are_refused_exactly_where_one_would_reach_into_anothers(names: list[str]) -> None:
    if reach(names):
        with pytest.raises(ValueError, match="begins with"):
            naming.check_creditors(names)
    else:
        naming.check_creditors(names)


@given(FEW)
def test_a_creditor_has_a_right_to_its_own_topics_and_reads_the_policy(names: list[str]) -> None:
    """The policy is public, and says whose signals a delivered file may hold."""
    for grant in access.grants(table("eropaf", names), "eropaf"):
        for name in names:
            if grant.principal == of_creditor(name) and grant.resource == TOPIC:
                assert not grant.prefixed
                reads_policy = (grant.name, grant.operation) == (POLICY, READ)
                own = {f"{kind}.{name}" for kind in ("arrears", "contacts", "feedback", "questions")}
                assert reads_policy or grant.name in own


def test_a_flow_may_not_be_named_as_a_readers_groups_are() -> None:
    begins = [
        each.name
        for each in access.grants(table("eropaf", ("rent",)), "eropaf")
        if each.resource == GROUP and each.prefixed
    ]
    assert len(begins) > 5
    for begin in begins:
        with pytest.raises(ValueError, match="reserved"):
            naming.check_group(f"{begin}flow")


@given(NAMES)
def test_nobody_outside_has_a_right_to_what_a_flow_of_a_name_that_is_let_be_shares(group: str) -> None:
    try:
        naming.check_group(group)
    except ValueError:
        return
    for grant in access.grants(table(group, ("rent", "water")), group):
        commits = grant.operation == READ and holds(grant, GROUP, group)
        fences = grant.operation == WRITE and holds(grant, TRANSACTIONAL_ID, f"{group}-worker-1")
        assert not (commits or fences) or grant.principal in (WORKER, RESTORE), grant
    workers = [each for each in access.grants(table(group, ("rent",)), group) if each.principal == WORKER]
    assert not any(holds(each, TRANSACTIONAL_ID, outboxes("rent") + "1f") for each in workers)
