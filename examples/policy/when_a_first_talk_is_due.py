"""Count a deadline: four weeks for a first talk, three working days where something threatens."""

from datetime import date, timedelta

from eropaf.risk.policy import EPOCH
from eropaf.settings import Settings

policy = Settings().read_policy()

for listed in (date(2026, 3, 2), date(2026, 4, 2), date(2026, 12, 23)):
    day = (listed - EPOCH).days
    talk, soon = policy.first_talk_by(day), policy.threatening_talk_by(day)
    print(*(f"{EPOCH + timedelta(each):%a %d %b}" for each in (day, talk, soon)), sep=", ")

# Prints:
# Mon 02 Mar, Mon 30 Mar, Thu 05 Mar
# Thu 02 Apr, Thu 30 Apr, Thu 09 Apr
# Wed 23 Dec, Wed 20 Jan, Tue 29 Dec
