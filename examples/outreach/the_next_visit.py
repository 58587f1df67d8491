"""Tell whoever comes to the door next what to know: codes that hold for a while, and no reason."""

from datetime import date, datetime, timezone

from eropaf_client.follow_up import FollowUp
from eropaf_client.outcomes import ContactAttempt, ContactChannel, DayPart, OutreachOutcome, faults

outcome = OutreachOutcome(
    outcome_id="o-1",
    household="a" * 32,
    at=datetime(2026, 3, 2, 10, tzinfo=timezone.utc),
    attempt=ContactAttempt(ContactChannel.VISIT, False, date(2026, 3, 2), DayPart.MORNING),
    follow_up=FollowUp(until=date(2026, 4, 2), come_back_on=date(2026, 3, 9), evenings=True, card_left=True),
)

print(faults(outcome))
print({name: said for name, said in outcome.to_record()["follow_up"].items() if said})

# Prints:
# []
# {'until': 20545, 'come_back_on': 20521, 'evenings': True, 'card_left': True}
