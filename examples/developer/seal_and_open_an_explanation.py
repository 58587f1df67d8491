"""Seal an explanation so that its auditors alone can open it; a worker that seals cannot."""

from eropaf.agents.sealing import CannotOpen, Sealer, new_keys, opened
from eropaf.risk.explanation import Explained
from eropaf.risk.household import fold
from eropaf.risk.identity import household_key
from eropaf.risk.records import DAY_MS, Address, HouseholdEvent, Signal
from eropaf.settings import Settings

policy, home = Settings().read_policy(), Address("1011AB", 12, "")
signal = Signal(
    signal_id="S-1", creditor="rent", contract="C-1", kind="REPORTED", partner_type="RENT",
    amount_cents=110_000, monthly_bill_cents=55_000, arrears_since=None, reported_at=20_514 * DAY_MS,
    version=1, own_effort=None, crisis_kind=None, crisis_on=None, handover_wish=False,
)  # fmt: skip
event = HouseholdEvent(household_key(home, b"a secret"), "e-1", signal.reported_at, home, signal)
folded = fold(None, event, policy)
assert folded.row
assert folded.risk
assert folded.assessment

public, private = new_keys()
sealed = Sealer(public).seal(Explained(folded.risk, folded.assessment, folded.row, policy))
print(sorted(sealed))
print([part["what"] for part in opened(sealed, [private])["contributions"]])
try:
    opened(sealed, [new_keys()[1]])
except CannotOpen:
    print("another key does not open it")

# Prints:
# ['at', 'household', 'key_id', 'policy_version', 'sealed', 'sealed_key', 'sequence']
# ['arrears']
# another key does not open it
