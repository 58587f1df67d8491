"""See where a household's points come from: each contribution by itself, and their exact sum."""

from dataclasses import replace

from eropaf.risk.positions import position_of
from eropaf.risk.records import DAY_MS, Signal
from eropaf.risk.score import assess
from eropaf.settings import Settings

policy = Settings().read_policy()
today = 20_514  # 2 March 2026, in days since 1970
rent = Signal(
    signal_id="S-1", creditor="rent", contract="C-1", kind="REPORTED", partner_type="RENT",
    amount_cents=110_000, monthly_bill_cents=55_000, arrears_since=None, reported_at=today * DAY_MS,
    version=1, own_effort=None, crisis_kind=None, crisis_on=None, handover_wish=False,
)  # fmt: skip
energy = replace(
    rent, signal_id="S-2", creditor="energy", contract="C-2", partner_type="ENERGY",
    amount_cents=27_000, monthly_bill_cents=18_000,
)  # fmt: skip

assessment = assess([position_of(rent), position_of(energy)], (), today, policy)
for part in assessment.contributions:
    print(f"{part.what:10}{part.creditor or '-':8}{part.points / 100:6.2f}")
print(f"{'score':18}{assessment.score / 100:6.2f}")

# Prints:
# arrears   rent     40.00
# arrears   energy   18.00
# breadth   -        15.00
# score              73.00
