"""How the flow's topics are kept: what would be deleted unread, or never, is refused at the door."""

from __future__ import annotations

import pytest

from eropaf.agents.roles import BACKUP, RESTORE
from eropaf.agents.topology import savepoint_scope, stages, table
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import CLAIMS, OUTCOMES, arrears

FLOW = stages("eropaf", ["rent"], LocalRegistry())
KEPT = {row.name: row.config for row in table("eropaf", ["rent"])}
# Risks are written by a stage alone, with the timestamps of what these hold.
DECIDES = sorted({topic for stage in FLOW.all() for topic in stage.inputs} - {"household-risk"} | {CLAIMS})


@pytest.mark.parametrize("topic", DECIDES)
def test_nothing_that_the_flow_goes_by_lies_more_than_an_hour_ahead(topic: str) -> None:
    assert KEPT[topic]["message.timestamp.after.max.ms"] == "3600000"


@pytest.mark.parametrize("topic", [arrears("rent"), OUTCOMES, CLAIMS])
def test_what_others_write_is_refused_where_it_would_be_deleted_unread(topic: str) -> None:
    assert KEPT[topic]["message.timestamp.before.max.ms"] == KEPT[topic]["retention.ms"]


def test_who_takes_a_savepoint_or_puts_it_back_reaches_what_it_holds_and_no_more() -> None:
    scope, rows = savepoint_scope("eropaf", FLOW), table("eropaf", ["rent"])
    holds = {*scope.changelogs(), *scope.copied_in_full, *scope.inputs()}

    assert {row.name for row in rows if BACKUP in row.read_by} == holds
    assert {row.name for row in rows if RESTORE in (*row.read_by, *row.written_by)} == holds


def test_ranking_is_given_a_households_risk_in_the_task_that_tells_it() -> None:
    assert FLOW.ranking.behind is FLOW.household
    assert [stage for stage in FLOW.all() if stage.behind] == [FLOW.ranking]
