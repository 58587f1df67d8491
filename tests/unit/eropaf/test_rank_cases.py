"""What became of a signal ends the arrears that it was about, as they stood: no others, and no later ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from eropaf.rank.order import Placed, ToRank, ranked
from eropaf_client.files.ddas_exchange import Case, ExchangedAttempt
from eropaf_client.records import ArrearsSignal, PartnerType, Resident
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


# What became of the rent of 3 March by its status, and the case of it if there is one; whether the same rent,
# signalled anew on the 20th, is listed, and in which band (DDAS 1.2, EnumSignaalstatus).
HELPED = a_case("HELP", "r0")
STATUSES: list[tuple[str, tuple[Case, list[str]] | None, int, str, str | None]] = [
    ("PICKED_UP", None, 110_000, "MEDIUM", None),
    ("PICKED_UP", HELPED, 110_000, "NONE", "help was accepted"),
    ("PICKED_UP", HELPED, 120_000, "MEDIUM", None),
    ("KNOWN_AT_DEBT_HELP", None, 110_000, "NONE", "handled already"),
    ("KNOWN_AT_DEBT_HELP", None, 120_000, "NONE", "handled already"),
    ("KNOWN_AT_DEBT_HELP", HELPED, 120_000, "MEDIUM", None),
    ("DECEASED", None, 110_000, "MEDIUM", None),
    ("NOT_A_RESIDENT", None, 110_000, "MEDIUM", None),
    ("NOT_PICKED_UP_REPEATED", None, 110_000, "NONE", "handled already"),
    ("NOT_PICKED_UP_UNJUSTIFIED", None, 110_000, "NONE", "handled already"),
    ("NOT_PICKED_UP_OTHER", None, 110_000, "NONE", "handled already"),
]


@pytest.mark.parametrize(("status", "case", "cents", "band", "why"), STATUSES)
def test_what_became_of_a_signal_that_is_not_ranked_is_known_of_its_household(
    status: str, case: tuple[Case, list[str]] | None, cents: int, band: str, why: str | None
) -> None:
    before, new = a_signal("r0", 3, 110_000), a_signal("r1", 20, cents)
    told = ToRank([("new", new)], [] if case is None else [(case[0], ["old"])], [("old", before, status)])

    places = ranked(told, amsterdam_example(), None).places

    assert {place: (placed.band, placed.why) for place, placed in places.items()} == {"new": (band, why)}


def test_months_that_are_not_ranked_count_for_their_household_and_take_no_rank() -> None:
    new = replace(a_signal("r1", 20, 100_000), arrears_since=date(2025, 11, 1))
    earlier = [
        (
            f"old-{month}",
            replace(new, signal_id=f"r-{month}", reported_at=datetime(2026, month, 20, tzinfo=UTC)),
        )
        for month in (1, 2)
    ]
    elsewhere = Resident(postcode="1012AB", house_number="7")
    worse = replace(a_signal("w1", 20, 290_000), contract="w", resident=elsewhere)
    aside = [(place, signal, "PICKED_UP") for place, signal in [*earlier, ("other", worse)]]

    alone = ranked(ToRank([("new", new)]), amsterdam_example(), None)
    beside = ranked(ToRank([("new", new)], [], aside), amsterdam_example(), None)

    assert beside.places.keys() == {"new"}
    assert (alone.places["new"].rank, alone.places["new"].band) == (1, "LOW")
    assert (beside.places["new"].rank, beside.places["new"].band) == (1, "MEDIUM")


def test_what_cannot_be_used_and_is_not_ranked_is_no_fault() -> None:
    new = a_signal("r1", 20, 110_000)
    unfit = replace(new, signal_id="r0", resident=Resident(postcode="", house_number="?"))

    ranking = ranked(ToRank([("new", new)], [], [("old", unfit, "DECEASED")]), amsterdam_example(), None)

    assert ranking.refused == {}
    assert ranking.places["new"].rank == 1
