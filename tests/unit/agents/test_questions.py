"""Who is asked: the creditors that take part, each on its own topic."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from eropaf.agents import metrics
from eropaf.agents.household import _Tell
from eropaf.risk.household import fold
from eropaf.risk.policy import Policy
from eropaf.risk.records import HouseholdEvent
from eropaf.streams.runtime.batch import Batch
from eropaf.streams.runtime.record import Record
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import questions
from eropaf_client.schemas.wire import Codec
from tests.builders import AMSTERDAM_EXAMPLE, HOUSEHOLD, NOON, STILL_OPEN, a_signal, an_event

POLICY = Policy.parse(AMSTERDAM_EXAMPLE + STILL_OPEN)


def test_each_creditor_that_takes_part_is_asked_on_its_topic_and_the_row_is_kept() -> None:
    row = fold(None, an_event(), POLICY).row
    row = fold(row, an_event(a_signal(signal_id="2", creditor="retired", contract="old")), POLICY).row
    emitted: list[tuple[Any, ...]] = []
    kept: dict[bytes, Any] = {}
    batch = SimpleNamespace(
        emit=lambda *what: emitted.append(what), table=SimpleNamespace(put=kept.__setitem__)
    )
    record = SimpleNamespace(timestamp=lambda: (1, NOON))
    event = HouseholdEvent(HOUSEHOLD, "outcome/asks", NOON, asks_still_open=True)
    before = metrics.QUESTIONS._value.get()

    folded = fold(row, event, POLICY)
    tell = _Tell(LocalRegistry(), ["rent", "water"], None)
    tell.folded(cast(Batch, batch), cast(Record, record), b"key", event, row, folded, POLICY)

    assert [(topic, key) for topic, key, *_ in emitted] == [("questions.rent", b"contract-1")]
    decode: Codec[dict[str, Any]] = Codec("CreditorQuestion", questions("rent"), LocalRegistry())
    asked = decode.decode(emitted[0][2])
    assert (asked["contract"], asked["signal_id"], asked["asked_at"]) == ("contract-1", "signal-1", NOON)
    assert set(asked) == {"question_id", "contract", "signal_id", "asked_at"}
    assert kept == {b"key": folded.row}
    assert metrics.QUESTIONS._value.get() == before + 1
