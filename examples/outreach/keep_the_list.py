"""Keep the ranked list yourself: apply each update, and hear from which place to which it moved."""

from dataclasses import replace
from datetime import date, datetime, timezone

from eropaf_client.live_list import LiveList
from eropaf_client.records import Band, Change, PriorityUpdate

first = PriorityUpdate(
    update_id="u-1",
    household="a" * 32,
    sequence=1,
    postcode="1011AB",
    house_number=12,
    addition="",
    area="1011",
    urgency=4_000,
    band=Band.MEDIUM,
    respond_by=date(2026, 3, 30),
    change=Change.RAISED,
    policy_version="amsterdam-example-3",
    event_at=datetime(2026, 3, 2, 12, tzinfo=timezone.utc),
)
second = replace(first, household="b" * 32, band=Band.URGENT, respond_by=date(2026, 3, 5))

ranked = LiveList()
for update in (first, second, replace(second, band=Band.NONE, change=Change.CLOSED)):
    moved = ranked.apply(update)
    print(moved.household[:1], moved.was, "->", moved.now)
print([row.household[:1] for row in ranked.ranked()])

# Prints:
# a None -> 0
# b None -> 0
# b 0 -> None
# ['a']
