"""Take in an objection: off the list at once, creditors never learn why, and later signals are barred."""

from dataclasses import replace

from eropaf.risk.history import tell
from eropaf.risk.identity import household_key
from eropaf.risk.records import DAY_MS, Address, HouseholdEvent, Signal
from eropaf.settings import Settings

home = Address("1011AB", 12, "")
key = household_key(home, b"a secret")
monday = 20_514 * DAY_MS  # 2 March 2026, in milliseconds since 1970
signal = Signal(
    signal_id="S-1", creditor="rent", contract="C-1", kind="REPORTED", partner_type="RENT",
    amount_cents=110_000, monthly_bill_cents=55_000, arrears_since=None, reported_at=monday,
    version=1, own_effort=None, crisis_kind=None, crisis_on=None, handover_wish=False,
)  # fmt: skip
later = replace(signal, signal_id="S-2", version=2, reported_at=monday + DAY_MS)

history = tell(
    [
        HouseholdEvent(key, "e-1", monday, home, signal),
        HouseholdEvent(key, "e-2", monday + 1, home, objection_stands=True),
        HouseholdEvent(key, "e-3", later.reported_at, home, later),
    ],
    Settings().read_policy(),
)
print([(update.band, update.change) for update in history.updates])
print([(answer.signal_id, answer.status, answer.reason) for answer in history.answers])

# Prints:
# [('MEDIUM', 'RAISED'), ('NONE', 'WITHDRAWN')]
# [('S-1', 'NOT_PICKED_UP_OTHER', None), ('S-2', 'NOT_PICKED_UP_OTHER', None)]
