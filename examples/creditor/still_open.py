"""Answer "still open?" from your own ledger, before somebody rings at a household that has paid."""

from datetime import datetime, timezone

from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.questions import CreditorQuestion, QuestionReader
from eropaf_client.records import ArrearsSignal, PartnerType, Resident, SignalKind

NOON = datetime(2026, 3, 16, 12, tzinfo=timezone.utc)
HOME = Resident(postcode="1011 AB", house_number="12")
# What you keep of each contract: cents owed, the version that you reported last, and when it changed.
LEDGER = {"contract-1": (0, 1, NOON), "contract-2": (82_500, 1, NOON)}


def answer(question: CreditorQuestion) -> "ArrearsSignal | None":
    """Return the signal that answers; None: nothing changed, so there is nothing to say."""
    owed_cents, version, changed_at = LEDGER.get(question.contract, (None, 0, NOON))
    if owed_cents != 0:
        return None
    return ArrearsSignal(
        signal_id=question.signal_id, contract=question.contract, kind=SignalKind.PAID, resident=HOME,
        partner_type=PartnerType.RENT, amount_cents=0, reported_at=changed_at, version=version + 1,
    )  # fmt: skip


def serve(cluster: str) -> None:
    """Answer for as long as the program runs."""
    with QuestionReader(cluster, "rent") as questions, ArrearsPublisher(cluster, "rent") as publisher:
        for question in questions:
            if (signal := answer(question)) is not None:
                publisher.report(signal)


for contract in LEDGER:
    said = answer(CreditorQuestion("q-1", contract, "signal-1", NOON))
    print(contract, said and (said.kind.value, said.version))

# Prints:
# contract-1 ('PAID', 2)
# contract-2 None
