"""Whether a creditor may signal: the law as a table, with a named reason for each rule that fails.

Good news needs no ground: a payment, a plan or a withdrawal is always accepted.

A duty that the creditor itself reports as unmet is rejected at intake (`effort_missing`). What depends on the
municipality's policy is judged in the household's history, where policies take effect, and answered to the
creditor (`unlawful`). Both consider the signal alone, so that the order of arrival does not matter.
"""

from __future__ import annotations

from eropaf.risk.policy import Policy
from eropaf.risk.records import Signal
from eropaf.risk.refusal import Reason
from eropaf.risk.rows import Position
from eropaf.risk.value import value

# Kinds of signal that ask for something to be picked up.
ASKING = frozenset({"REPORTED", "CHANGED", "PLAN_BROKEN"})


@value(frozen=True, slots=True)
class Duty:
    """A creditor's duty before signalling, and its legal source for each kind of creditor."""

    reason: Reason
    sources: dict[str, str]
    """The source for each kind of creditor that it rests on."""


LANDLORD = "Besluit gemeentelijke schuldhulpverlening art. 2 (Stb. 2020, 240) under {}"
WATER_BOARD = "Regeling afsluitbeleid voor kleinverbruikers van drinkwater art. {} (Stcrt. 2012, 7964)"
SUPPLIER = "Energieregeling of 2026, by NVVK (26 January 2026); the article is not verified"
INSURER = "Landelijk Convenant Vroegsignalering; the article for health insurers is not verified"
EXPERIMENT = "Tijdelijke regeling signaal betalingsachterstanden art. 1.2 under {} (Stcrt. 2021, 45719)"
BY_AGREEMENT = (
    "to be agreed with the municipality, by the measure of the Tijdelijke regeling art. 1.2 under {}"
)

IN_AN_EXPERIMENT = ("MORTGAGE", "CARE_CONTRIBUTION", "INCOME_TAX", "BENEFITS_RECLAIM")
WITHOUT_A_LAW = ("HEALTH_DEFAULTERS", "MUNICIPAL_TAX", "STUDENT_DEBT", "OTHER")


def _duty(reason: Reason, letter: str, of_water: str) -> Duty:
    """Return a duty that has the same letter for landlords and for experiments."""
    sources = {
        "RENT": LANDLORD.format(letter),
        "HEALTH": INSURER,
        "ENERGY": SUPPLIER,
        "WATER": WATER_BOARD.format(of_water),
    }
    sources |= dict.fromkeys(IN_AN_EXPERIMENT, EXPERIMENT.format(letter))
    sources |= dict.fromkeys(WITHOUT_A_LAW, BY_AGREEMENT.format(letter))
    return Duty(reason, sources)


# Every kind of creditor bears all four; the law's own words are those for landlords.
DUTIES = (
    _duty(Reason.NO_PERSONAL_CONTACT, "a", "4 (text not verified)"),
    _duty(Reason.DEBT_HELP_NOT_POINTED_AT, "b", "3 lid 2 under a"),
    _duty(Reason.NO_WRITTEN_REMINDER, "c", "3 lid 1"),
    _duty(Reason.NO_OFFER_MADE, "d", "3 lid 2 under b"),
)


def effort_missing(signal: Signal) -> Duty | None:
    """Return the first duty that the creditor itself reports as unmet.

    A creditor that does not state its effort is left to the policy.
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
        if signal.partner_type in duty.sources and not met[duty.reason]:
            return duty
    return None


def wished(signal: Signal) -> bool:
    """Return whether the resident wants help: agreed to be passed on, or spoke with the creditor about it.

    "Please pick this person up" is not an unjustified signal, however recent or small the arrears (DDAS 1.2,
    warmeOverdracht; Besluit gemeentelijke schuldhulpverlening art. 2 under d).
    """
    return signal.handover_wish or agreed(signal)


def agreed(signal: Signal) -> bool:
    """Return whether the resident agreed in writing to pass on contact data."""
    return signal.own_effort is not None and signal.own_effort["offer"] == "AGREED"


def refused(signal: Signal) -> bool:
    """Return whether the resident refused to pass on contact data.

    Whatever the kind of signal and of creditor, an explicit refusal blocks (Tijdelijke regeling art. 1.2
    under d; for drinking water Stcrt. 2018, 26271).
    """
    effort = signal.own_effort
    return effort is not None and effort["offer"] == "REFUSED"


def unlawful(signal: Signal, policy: Policy) -> Reason | None:
    """Return the first rule of the law or the policy that `signal` fails, or None.

    Days are counted from the date named by the legal ground, the creditor's date of the arrears; without one
    they are not judged.
    """
    if refused(signal):
        return Reason.RESIDENT_REFUSED
    if signal.kind not in ASKING:
        return None
    groundless = without_ground(signal.partner_type, policy)
    if groundless is not None:
        return groundless
    rules = policy.partners[signal.partner_type]
    reported_on = policy.zone.day_of(signal.reported_at)
    if rules.ground_until is not None and reported_on > rules.ground_until:
        return Reason.GROUND_ENDED
    if signal.own_effort is None and not policy.own_effort_may_be_unsaid:
        return Reason.OWN_EFFORT_UNSAID
    if signal.arrears_since is None or wished(signal):
        return None
    days = reported_on - signal.arrears_since
    if days < rules.from_days and signal.crisis_kind is None:
        return Reason.TOO_FEW_DAYS
    if rules.to_days is not None and days > rules.to_days:
        return Reason.TOO_MANY_DAYS
    return None


def without_ground(partner_type: str, policy: Policy) -> Reason | None:
    """Return why nothing of a kind of creditor may be kept under `policy`, or None."""
    rules = policy.partners[partner_type]
    if not rules.accepted:
        return Reason.PARTNER_NOT_ACCEPTED
    return None if rules.grounded else Reason.NO_GROUND


def too_little(position: Position, policy: Policy) -> bool:
    """Return whether one creditor's arrears are below the minimum for a single signal.

    None are if something threatens or ends, or the resident wants help.
    """
    return position.amount_cents < policy.partners[position.partner_type].minimum_cents and not exempt(
        position
    )


def exempt(position: Position) -> bool:
    """Return whether no minimum applies: something threatens or ends, or the resident wants help."""
    return position.crisis or position.crisis_kind is not None or position.handover or position.agreed
