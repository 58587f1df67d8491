"""Check an outcome before it is reported: an outcome says at least one thing, and when."""

from datetime import date, datetime

from eropaf_client.follow_up import FollowUp
from eropaf_client.outcomes import ContactAttempt, ContactChannel, OutreachOutcome, faults

at_noon = datetime(2026, 3, 2, 12)
attempt = ContactAttempt(ContactChannel.VISIT, reached=False, on=date(2026, 3, 2))
late = FollowUp(until=date(2026, 3, 1), come_back_on=date(2026, 3, 9), interpreter="Arabic")

for outcome in (
    OutreachOutcome("o-1", "a" * 32, at_noon),
    OutreachOutcome("o-2", "a" * 32, at_noon, attempt=attempt, follow_up=late),
):
    print(outcome.outcome_id, *faults(outcome), sep="\n  ")

# Prints:
# o-1
#   at: must say its time zone
#   picked_up_on, attempt, result, asks_still_open: give one of them
# o-2
#   follow_up.until: must not be before come_back_on
#   follow_up.interpreter: must be two letters, such as ar (ISO 639-1)
