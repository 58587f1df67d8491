"""Whether a creditor may signal: the law as a table, and each rule that fails as a named reason.

Good news is never asked for its ground: a payment, a plan or a withdrawal is always taken in.

What the creditor says of itself that the law forbids is rejected at the door (`effort_missing`).
What depends on the municipality's policy is judged in the household's own history, where the policy
has its place, and answered to the creditor (`unlawful`). Both look at the signal alone, so that the
order of arrival does not matter.
"""

from __future__ import annotations

from eropaf.risk.frozen import dataclass
from eropaf.risk.policy import Policy
from eropaf.risk.records import DAY_MS, Signal
from eropaf.risk.refusal import Reason

# Kinds of signal that ask for something to be picked up.
ASKING = frozenset({"REPORTED", "CHANGED", "PLAN_BROKEN"})


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing that a creditor must have done first, on whom it rests, and where that stands."""

    reason: Reason
    partner_types: frozenset[str]
    source: str


# The four kinds of creditor that must signal.
BESLUIT = frozenset({"RENT", "HEALTH", "ENERGY", "WATER"})
# Those that may, in the experiment of article 10 of the Wet gemeentelijke schuldhulpverlening.
EXPERIMENT = frozenset({"MORTGAGE", "CARE_CONTRIBUTION", "INCOME_TAX", "BENEFITS_RECLAIM"})

DUTIES = (
    Duty(
        Reason.NO_PERSONAL_CONTACT,
        BESLUIT | EXPERIMENT,
        "Besluit gemeentelijke schuldhulpverlening art. 2 (Stb. 2020, 240); Tijdelijke regeling art. 1.2 "
        "under a (Stcrt. 2021, 45719); for energy also the Energieregeling of 2026",
    ),
    Duty(
        Reason.DEBT_HELP_NOT_POINTED_AT,
        BESLUIT | EXPERIMENT,
        "Besluit gemeentelijke schuldhulpverlening art. 2; Tijdelijke regeling art. 1.2 under b",
    ),
    Duty(Reason.NO_WRITTEN_REMINDER, EXPERIMENT, "Tijdelijke regeling art. 1.2 under c"),
    Duty(Reason.NO_OFFER_MADE, EXPERIMENT, "Tijdelijke regeling art. 1.2 under d"),
)


def effort_missing(signal: Signal) -> Duty | None:
    """Give the first duty that the creditor itself says it has not met.

    Says nothing of a creditor that is silent on its effort: that is the policy's to decide.
    """
    effort = signal.own_effort
    if effort is None or signal.kind not in ASKING:
        return None
    met = {
        Reason.NO_PERSONAL_CONTACT: effort["personal_contact"],
        Reason.DEBT_HELP_NOT_POINTED_AT: effort["debt_help_pointed_at"],
        Reason.NO_WRITTEN_REMINDER: effort["written_reminders"] > 0,
        Reason.NO_OFFER_MADE: effort["offer"] not in ("NOT_OFFERED", "UNKNOWN"),
    }
    for duty in DUTIES:
        if signal.partner_type in duty.partner_types and not met[duty.reason]:
            return duty
    return None


def refused(signal: Signal) -> bool:
    """Say whether the resident refused that contact data are passed on.

    Whatever the kind of signal and of creditor, an explicit refusal blocks (Tijdelijke regeling art. 1.2
    under d; for drinking water Stcrt. 2018, 26271).
    """
    effort = signal.own_effort
    return effort is not None and effort["offer"] == "REFUSED"


def unlawful(signal: Signal, policy: Policy) -> Reason | None:
    """Give the first rule of the law and the policy that `signal` fails, or None.

    What fails gives no ground to know of the arrears: their amount is not kept. Days are counted
    from the date on which the arrears arose; where a creditor does not give it they are not judged.
    """
    if refused(signal):
        return Reason.RESIDENT_REFUSED
    if signal.kind not in ASKING:
        return None
    rules = policy.partners[signal.partner_type]
    if not rules.accepted:
        return Reason.PARTNER_NOT_ACCEPTED
    if signal.own_effort is None and not policy.own_effort_may_be_unsaid:
        return Reason.OWN_EFFORT_UNSAID
    if signal.arrears_since is None:
        return None
    days = signal.reported_at // DAY_MS - signal.arrears_since
    if days < rules.from_days and signal.crisis_kind is None:
        return Reason.TOO_FEW_DAYS
    if rules.to_days is not None and days > rules.to_days:
        return Reason.TOO_MANY_DAYS
    return None


def too_little(amount_cents: int, crisis: bool, partner_type: str, policy: Policy) -> bool:
    """Say whether arrears are below the municipality's minimum. None is, while something threatens."""
    return amount_cents < policy.partners[partner_type].minimum_cents and not crisis
