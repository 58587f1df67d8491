"""Where each rule stands by which a creditor's signal is refused."""

from __future__ import annotations

from eropaf.risk.lawful import DUTIES
from eropaf.risk.refusal import Reason

UNJUSTIFIED = 'DDAS 1.2, "onterecht signaal"'
# As docs/reference/reasons.md says it.
SOURCES: dict[str, str] = {
    Reason.BSN_WITHOUT_GROUND: "Uitvoeringswet AVG art. 46",
    Reason.RESIDENT_REFUSED: "Tijdelijke regeling art. 1.2 under d; Stcrt. 2018, 26271 for drinking water",
    Reason.PARTNER_NOT_ACCEPTED: "policy, `partners.<kind>.accepted`",
    Reason.NO_GROUND: "policy, `partners.<kind>.basis` and `municipalities`",
    Reason.GROUND_ENDED: "policy, `partners.<kind>.basis_until`",
    Reason.OWN_EFFORT_UNSAID: "policy, `lawful.own_effort_when_unsaid`",
    Reason.TOO_FEW_DAYS: f"{UNJUSTIFIED}; policy, `partners.<kind>.from_days`",
    Reason.TOO_MANY_DAYS: f"{UNJUSTIFIED}; policy, `partners.<kind>.to_days`",
    Reason.TOO_LITTLE: (
        f"{UNJUSTIFIED}; policy, `minimum_amount_eur`, `minimum_is_of`, `partners.<kind>.minimum_amount_eur`"
    ),
    Reason.FORWARDED: "Algemene wet bestuursrecht art. 2:3 lid 1",
    Reason.NO_EARLIER_SIGNAL: "Energieregeling of 2026, by NVVK (26 January 2026)",
}


def source_of(code: str, partner_type: str) -> str | None:
    """Return where the rule `code` stands for a kind of creditor; None: in no law and no policy."""
    for duty in DUTIES:
        if duty.reason == code:
            return duty.sources.get(partner_type)
    return SOURCES.get(code)
