"""Hand ranking the same risk twice: the second changes nothing, so that a replay repeats nothing."""

from eropaf.risk.ranking import rank
from eropaf.risk.records import Address
from eropaf.risk.told import HouseholdRisk
from eropaf.settings import Settings

risk = HouseholdRisk(
    household="a" * 32,
    sequence=1,
    address=Address("1011AB", 12, ""),
    score=4_000,
    open_positions=1,
    creditors=1,
    months_behind=200,
    threatening=False,
    crisis_on=None,
    ended_by="OPEN",
    policy_version="amsterdam-example-3",
    at=1_772_452_800_000,
)
policy = Settings().read_policy()

first = rank(None, risk, policy)
again = rank(first.row, risk, policy)
print(first.update and (first.update.band, first.update.change))
print(again.update, again.row is first.row)

# Prints:
# ('MEDIUM', 'RAISED')
# None True
