"""Try a policy on a synthetic city: how many households of one month end in each band."""

from collections import Counter
from datetime import date

from eropaf.risk.history import tell
from eropaf.risk.intake import ForHousehold, take_in
from eropaf.risk.records import HouseholdEvent
from eropaf.settings import Settings
from eropaf.simulate.month import month

events: list[HouseholdEvent] = []
for day in month(households=20_000, first=date(2026, 3, 1), seed=1):
    for wave in day.waves:
        for sent in wave:
            record, stored_at = sent.signal.to_record(), round(sent.at.timestamp() * 1000)
            taken = take_in(
                record, creditor=sent.creditor, event_id="", received_at=stored_at, secret=b"a secret"
            )
            if isinstance(taken, ForHousehold):
                events.append(taken.event)

history = tell(events, Settings().read_policy())
print(len(events), "signals,", len(history.rankings), "households,", len(history.updates), "updates")
print(sorted(Counter(row.band for row in history.rankings.values()).items()))

# Prints:
# 343 signals, 162 households, 307 updates
# [('HIGH', 12), ('LOW', 26), ('MEDIUM', 39), ('NONE', 82), ('URGENT', 3)]
