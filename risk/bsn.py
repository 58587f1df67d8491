"""Whose signals may carry a citizen service number (BSN), and which numbers are accepted.

A BSN may be processed only where a law says so (GDPR art. 87; Uitvoeringswet AVG art. 46). So a signal that
carries one without a legal ground is refused at intake, even good news: its creditor sends the address
instead, which leads to the same household.
"""

from __future__ import annotations

from eropaf.risk.policy_file import PARTNER_TYPES
from eropaf.risk.refusal import Reason, Refused
from eropaf.risk.value import value
from eropaf_client.schemas.bsn import is_nine_digits, is_taken

PUBLIC_BODY = (
    "Wet algemene bepalingen burgerservicenummer art. 10: a public body, for its public task, by "
    "juridict.nl; the text is not verified"
)
INSURER = "the AP's page on the BSN: health insurers have a legal basis; the article is not verified"

# Kind of creditor -> its ground. For landlords, suppliers of energy and water, mortgage lenders and others
# none was found: Kamerstuk 36379, nr. 3 proposes one for housing corporations, for tests of income alone.
GROUNDS = {
    "HEALTH": INSURER,
    "HEALTH_DEFAULTERS": PUBLIC_BODY,
    "CARE_CONTRIBUTION": PUBLIC_BODY,
    "INCOME_TAX": PUBLIC_BODY,
    "BENEFITS_RECLAIM": PUBLIC_BODY,
    "STUDENT_DEBT": PUBLIC_BODY,
    "MUNICIPAL_TAX": PUBLIC_BODY,
}


@value(frozen=True, slots=True)
class BsnRules:
    """Kinds of creditor whose BSNs are accepted, and whether one that fails the eleven test is."""

    kinds: frozenset[str]
    test_numbers: bool = False

    def check(self, partner_type: str, bsn: str) -> None:
        """Check a BSN from a creditor of this kind: first its legal ground, then the number.

        Raises:
            Refused: there is no legal ground, or it fails the eleven test.

        """
        if partner_type not in self.kinds:
            raise Refused(
                Reason.BSN_WITHOUT_GROUND,
                "resident.bsn: a creditor of this kind may not send one (Uitvoeringswet AVG art. 46); send "
                "the address instead",
            )
        if is_nine_digits(bsn) and not is_taken(bsn, self.test_numbers):
            raise Refused(Reason.IMPOSSIBLE_BSN, "resident.bsn fails the eleven test")


BY_LAW = BsnRules(frozenset(GROUNDS))
# Of a file of the municipality's own, in which it has put the numbers itself.
ANY = BsnRules(frozenset(PARTNER_TYPES), test_numbers=True)
