"""Ask whose BSN is accepted: of a kind of creditor with a legal ground, if it passes the test."""

from eropaf.risk.bsn import ANY, BY_LAW, BsnRules
from eropaf.risk.refusal import Refused


def judged(rules: BsnRules, partner_type: str, bsn: str) -> str:
    try:
        rules.check(partner_type, bsn)
    except Refused as refusal:
        return refusal.reason
    return "taken"


print("an insurer:", judged(BY_LAW, "HEALTH", "123456782"))
print("its slip of the pen:", judged(BY_LAW, "HEALTH", "123456789"))
print("a landlord:", judged(BY_LAW, "RENT", "123456782"))
print("the municipality's own file:", judged(ANY, "RENT", "123456789"))

# Prints:
# an insurer: taken
# its slip of the pen: impossible-bsn
# a landlord: bsn-without-ground
# the municipality's own file: taken
