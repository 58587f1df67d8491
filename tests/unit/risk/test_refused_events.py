"""Events that cannot be used: each is refused with its reason, in words that say what to do or look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from eropaf.risk.calendar import EPOCH
from eropaf.risk.events import Outcome, Overrule, Tick
from eropaf.risk.household import fold
from eropaf.risk.objections import MOST_OBJECTORS
from eropaf.risk.positions import position_of
from eropaf.risk.records import DAY_MS, HouseholdEvent, MinorChildren
from eropaf.risk.refusal import Reason, Refused
from eropaf.risk.rows import HouseholdRow
from eropaf.risk.signalled import MOST_POSITIONS
from tests.builders import HOME, HOUSEHOLD, MARCH_2, NOON, a_signal, an_event, families_count

FIRST, LAST = ((date(year, month, day) - EPOCH).days for year, month, day in [(1990, 1, 1), (2099, 12, 31)])
POLICY = families_count()
NOBODY = None
SOMEBODY = fold(None, an_event(), POLICY).row
CROWDED = HouseholdRow(
    HOME, NOON, 1, tuple(position_of(a_signal(contract=f"c-{n}")) for n in range(MOST_POSITIONS))
)  # fmt: skip
ALL_OBJECT = HouseholdRow(HOME, NOON, 0, (), objectors=tuple(f"{n:04}" for n in range(MOST_OBJECTORS)))

WITHOUT = HouseholdEvent(HOUSEHOLD, "event-1", NOON)
OUTCOME = replace(WITHOUT, outcome=Outcome("o-1", None, None, "HELP"))
NEW_RESULT = replace(WITHOUT, outcome=Outcome("o-1", None, None, "OF-A-LATER-MODEL"))
TOO_LATE = replace(WITHOUT, overrule=Overrule("RAISE", MARCH_2 - 1, "seen"))
OBJECTION = replace(WITHOUT, objection_stands=True, objector="ann")
REGISTERED = replace(WITHOUT, minor_children=MinorChildren("ann", True))

# What is kept, what comes, the reason and the words. Source of the reasons: `eropaf/risk/refusal.py`.
REFUSED = [
    (NOBODY, WITHOUT, Reason.UNKNOWN_EVENT, "the event's kind is unknown to this version"),
    (NOBODY, OUTCOME, Reason.UNKNOWN_HOUSEHOLD, "nothing is kept about this household"),
    (ALL_OBJECT, OUTCOME, Reason.UNKNOWN_HOUSEHOLD, "nothing is kept about this household"),
    (SOMEBODY, NEW_RESULT, Reason.UNKNOWN_RESULT,
     "result is unknown to this version; upgrade, then replay"),
    (SOMEBODY, TOO_LATE, Reason.IMPOSSIBLE_DATE,
     "overrule.until is before the decision, or more than 183 days after it"),
    (NOBODY, OBJECTION, Reason.UNKNOWN_HOUSEHOLD, "nothing is kept about this household"),
    (ALL_OBJECT, OBJECTION, Reason.HOUSEHOLD_TOO_LARGE, "1000 residents of this address already object"),
    (NOBODY, REGISTERED, Reason.UNKNOWN_EVENT,
     "the register's entry came without its address"),
    (NOBODY, replace(an_event(), address=None), Reason.UNKNOWN_EVENT,
     "a signal came without its address"),
    (CROWDED, an_event(contract="one-more"), Reason.HOUSEHOLD_TOO_LARGE,
     "the address already has 1000 contracts, and this is a new one"),
    *((SOMEBODY, event, Reason.IMPOSSIBLE_DATE, "the event is of before 1990 or after 2099")
      for event in (
          replace(OUTCOME, at=FIRST * DAY_MS - 1),
          replace(OUTCOME, at=(LAST + 1) * DAY_MS),
          an_event(reported_at=10**15 - 1, version=2),
          replace(WITHOUT, tick=Tick(FIRST - 1, 0, 1)),
          replace(WITHOUT, tick=Tick(LAST + 1, 0, 1)),
      )),
]  # fmt: skip


@pytest.mark.parametrize(("row", "event", "reason", "words"), REFUSED)
def test_what_cannot_be_used_says_why(
    row: HouseholdRow | None, event: HouseholdEvent, reason: Reason, words: str
) -> None:
    with pytest.raises(Refused) as refused:
        fold(row, event, POLICY)

    assert refused.value.reason is reason
    assert str(refused.value) == words


def test_the_last_for_whom_there_is_room_may_object() -> None:
    row = replace(ALL_OBJECT, objectors=ALL_OBJECT.objectors[1:])

    after = fold(row, OBJECTION, POLICY).row

    assert after is not None
    assert len(after.objectors) == MOST_OBJECTORS
