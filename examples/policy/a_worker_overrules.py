"""Let a worker overrule the points: one band up until a date, then the points decide again."""

from eropaf.risk.events import Overrule, Tick
from eropaf.risk.history import tell
from eropaf.risk.identity import household_key
from eropaf.risk.records import DAY_MS, Address, HouseholdEvent, Signal
from eropaf.settings import Settings

home = Address("1011AB", 12, "")
key = household_key(home, b"a secret")
day = 20_514  # 2 March 2026, in days since 1970
signal = Signal(
    signal_id="S-1", creditor="rent", contract="C-1", kind="REPORTED", partner_type="RENT",
    amount_cents=110_000, monthly_bill_cents=55_000, arrears_since=None, reported_at=day * DAY_MS,
    version=1, own_effort=None, crisis_kind=None, crisis_on=None, handover_wish=False,
)  # fmt: skip
until_friday = Overrule("RAISE", until=day + 4, reason="a baby was born")

history = tell(
    [
        HouseholdEvent(key, "e-1", signal.reported_at, home, signal),
        HouseholdEvent(key, "e-2", (day + 1) * DAY_MS, overrule=until_friday),
        HouseholdEvent("*", "e-3", (day + 4) * DAY_MS, tick=Tick(day + 4, 0, 1)),
        HouseholdEvent("*", "e-4", (day + 5) * DAY_MS, tick=Tick(day + 5, 0, 1)),
    ],
    Settings().read_policy(),
)
for update in history.updates:
    print(update.band, update.urgency / 100, "overruled" if update.overruled else "by the points")

# Prints:
# MEDIUM 40.0 by the points
# HIGH 40.0 overruled
# MEDIUM 40.0 by the points
