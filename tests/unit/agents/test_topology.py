"""How the flow's topics are kept: what would be deleted unread, or never, is refused at the door."""

from __future__ import annotations

import pytest

from eropaf.agents.topology import stages, table
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import CLAIMS, OUTCOMES, arrears

FLOW = stages("eropaf", ["rent"], LocalRegistry())
KEPT = {row.name: row.config for row in table("eropaf", ["rent"])}
# Risks are written by a stage alone, with the time stamps of what these hold.
DECIDES = sorted({topic for stage in FLOW.all() for topic in stage.inputs} - {"household-risk"} | {CLAIMS})


@pytest.mark.parametrize("topic", DECIDES)
def test_nothing_that_the_flow_goes_by_lies_more_than_an_hour_ahead(topic: str) -> None:
    assert KEPT[topic]["message.timestamp.after.max.ms"] == "3600000"


@pytest.mark.parametrize("topic", [arrears("rent"), OUTCOMES, CLAIMS])
def test_what_others_write_is_refused_where_it_would_be_deleted_unread(topic: str) -> None:
    assert KEPT[topic]["message.timestamp.before.max.ms"] == KEPT[topic]["retention.ms"]
