"""Follow one household through its events: what outreach hears, and what each creditor hears."""

from dataclasses import replace

from eropaf.risk.events import Outcome, Tick
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
grown = replace(signal, signal_id="S-2", amount_cents=220_000, version=2, reported_at=(day + 30) * DAY_MS)

events = [
    HouseholdEvent(key, "e-1", signal.reported_at, home, signal),
    HouseholdEvent(key, "e-2", grown.reported_at, home, grown),
    HouseholdEvent(key, "e-3", (day + 35) * DAY_MS, outcome=Outcome("o-1", result="HELP")),
    HouseholdEvent("*", "e-4", (day + 65) * DAY_MS, tick=Tick(day + 65, 0, 1)),
]
history = tell(events, Settings().read_policy())
for update in history.updates:
    print(update.change, update.band, update.urgency / 100, update.action)
for answer in history.answers:
    print(answer.creditor, answer.status, answer.collection)

# Prints:
# RAISED MEDIUM 40.0 PHONE
# RAISED HIGH 94.0 VISIT
# PAUSED NONE 0.0 None
# RAISED HIGH 94.0 VISIT
# rent PICKED_UP PAUSE
