"""What became of a signal ends the arrears that it was about, as they stood: no others, and no later ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from eropaf.rank.order import Placed, ToRank, ranked
from eropaf_client.files.ddas_exchange import Case, ExchangedAttempt
from eropaf_client.records import ArrearsSignal, PartnerType
from tests.builders import amsterdam_example, an_arrears_signal


def a_signal(name: str, day: int, cents: int, partner: PartnerType = PartnerType.RENT) -> ArrearsSignal:
    """Make the signal `name` of March 2026; those of one kind of partner are of one contract."""
    return replace(
        an_arrears_signal(),
        signal_id=name,
        contract=partner.value,
        partner_type=partner,
        amount_cents=cents,
        monthly_bill_cents=None,
        reported_at=datetime(2026, 3, day, 12, tzinfo=UTC),
        arrears_since=date(2026, 1, 15),
        version=day,
    )


def a_case(result: str, *about: str) -> tuple[Case, list[str]]:
    attempt = ExchangedAttempt(on=date(2026, 3, 10))
    return Case(signal_ids=about, attempts=(attempt,), result=result), list(about)


def placed(case: tuple[Case, list[str]], *signals: ArrearsSignal) -> dict[str, Placed]:
    told = ToRank([(signal.signal_id, signal) for signal in signals], [case])
    return ranked(told, amsterdam_example(), None).places


ENERGY = PartnerType.ENERGY
RENT_3, RENT_20, RENT_20_SAME = (
    a_signal("r1", 3, 90_000),
    a_signal("r2", 20, 290_000),
    a_signal("r2", 20, 90_000),
)
ENERGY_3, ENERGY_20 = a_signal("e1", 3, 290_000, ENERGY), a_signal("e1", 20, 290_000, ENERGY)

# What became of the case of the rent of 3 March, on the 10th; what else was signalled; whether it is listed.
CASES: list[tuple[str, str, list[ArrearsSignal], bool]] = [
    ("help for all that is owed", "HELP", [], False),
    ("help, and the arrears grew since", "HELP", [RENT_20], True),
    ("help, and the same arrears once more", "HELP", [RENT_20_SAME], False),
    ("help with the rent, and another creditor", "HELP", [ENERGY_3], True),
    ("a tenant who died, and nobody else", "DECEASED", [], False),
    ("a tenant who died, and the widow's energy", "DECEASED", [ENERGY_3], True),
    ("a tenant who died, and the widow's energy later", "DECEASED", [ENERGY_20], True),
]  # fmt: skip


@pytest.mark.parametrize(("case", "result", "others", "listed"), CASES, ids=[row[0] for row in CASES])
@pytest.mark.parametrize("turned", [False, True], ids=["in order", "turned"])
def test_a_result_ends_what_its_case_was_about_as_it_stood(
    case: str, result: str, others: list[ArrearsSignal], listed: bool, turned: bool
) -> None:
    signals = [RENT_3, *others]

    places = placed(a_case(result, "r1"), *(reversed(signals) if turned else signals))

    assert {place.rank is not None for place in places.values()} == {listed}
