"""What a resident says whom the register does not know, from stage to stage."""

from __future__ import annotations

from typing import Any

import pytest

from eropaf.agents import residency
from eropaf.agents.codecs import household_events, resident_events
from eropaf.risk.records import NOWHERE, HouseholdEvent, UnresolvedSignal
from eropaf.streams.runtime.record import Output
from eropaf_client.schemas import topics
from eropaf_client.schemas.wire import Codec
from tests.builders import HOME, HOUSEHOLD, MARCH_2, NOON, a_signal
from tests.unit.agents.test_processing_failed import FLOW, REGISTRY, Flow, breaks, letters

OWN = "a" * 32
SIGNAL = a_signal(creditor="rent", contract="contract-1")
RESIDENCE = Codec[dict[str, Any]]("Residence", topics.RESIDENTS, REGISTRY)
ANSWERS = Codec[dict[str, Any]]("CreditorFeedback", topics.feedback("rent"), REGISTRY)
OBJECTS: dict[str, Any] = {"objection_stands": True, "objector": OWN}
ERASES: dict[str, Any] = {"erasure_requested_on": MARCH_2}


def says(flow: Flow, **what: Any) -> list[Output]:
    """Say it, and let both stages work it off; return what the second writes."""
    event = HouseholdEvent(OWN, "said", NOON + 1, NOWHERE, **what)
    passed_on = flow.work(
        FLOW.household, topics.HOUSEHOLD_EVENTS, [(OWN, household_events(REGISTRY).encode(event))]
    )
    assert [(each.topic, each.key) for each in passed_on] == [(topics.RESIDENT_EVENTS, OWN.encode())]
    assert resident_events(REGISTRY).decode(passed_on[0].value) == event
    assert flow.rows["household"].get(OWN.encode()) is None, "nobody lives nowhere"
    assert passed_on[0].value is not None
    return flow.work(FLOW.residency, topics.RESIDENT_EVENTS, [(OWN, passed_on[0].value)])


def signalled(flow: Flow) -> list[Output]:
    codec = Codec[dict[str, Any]]("UnresolvedSignal", topics.UNRESOLVED_SIGNALS, REGISTRY)
    data = codec.encode(UnresolvedSignal(OWN, "arrears.rent-0-1", SIGNAL).to_record())
    return flow.work(FLOW.residency, topics.UNRESOLVED_SIGNALS, [(OWN, data)])


def lives(flow: Flow) -> list[Output]:
    entry = RESIDENCE.encode({"address": HOME.to_record(), "minor_children": None})
    return flow.work(FLOW.residency, topics.RESIDENTS, [(OWN, entry)])


def answered_and_slip_gone(outputs: list[Output]) -> bool:
    """Return whether the creditor hears nothing of why, and its contact slip ends; and nothing else."""
    told, slip = outputs
    status = ANSWERS.decode(told.value)["status"]
    return (status, slip) == (
        "NOT_PICKED_UP_OTHER",
        Output(topics.contacts("rent"), b"contract-1", None, slip.timestamp_ms),
    )


@pytest.mark.parametrize("what", [OBJECTS, ERASES])
def test_what_waits_ends_with_its_slip_and_what_was_said_before_comes_no_more(what: dict[str, Any]) -> None:
    flow = Flow()
    assert signalled(flow) == []

    assert answered_and_slip_gone(says(flow, **what))
    row = flow.rows["residency"].get(OWN.encode())
    assert row is not None
    assert row.waiting == ()
    assert answered_and_slip_gone(signalled(flow))


def test_an_objection_is_told_to_the_household_before_any_signal() -> None:
    flow = Flow()
    says(flow, **OBJECTS)

    (told,) = lives(flow)
    event = household_events(REGISTRY).decode(told.value)
    assert (told.key, event.household, event.objection_stands) == (HOUSEHOLD.encode(), HOUSEHOLD, True)
    (sent,) = signalled(flow)
    assert (sent.topic, sent.key) == (topics.HOUSEHOLD_EVENTS, HOUSEHOLD.encode())
    assert told.value is not None
    assert sent.value is not None
    heard = flow.work(
        FLOW.household, topics.HOUSEHOLD_EVENTS, [(HOUSEHOLD, told.value), (HOUSEHOLD, sent.value)]
    )
    assert topics.HOUSEHOLD_RISK not in {each.topic for each in heard}, "on no list"


def test_a_word_on_which_a_rule_fails_is_a_letter_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encode = resident_events(REGISTRY).encode
    told = [
        (key, encode(HouseholdEvent(key, key, NOON, NOWHERE, **ERASES))) for key in ("b" * 32, OWN, "c" * 32)
    ]
    breaks(monkeypatch, residency, "said", 1, OverflowError("year 33658 is out of range"))
    flow = Flow()

    (letter,) = letters(flow.work(FLOW.residency, topics.RESIDENT_EVENTS, told))

    assert (letter["reason"], letter["offset"]) == ("processing-failed", 1)
    kept = [flow.rows["residency"].get(key.encode()) is not None for key, _ in told]
    assert kept == [True, False, True]


def test_of_a_signal_that_was_forwarded_its_creditor_is_told_and_its_slip_ends() -> None:
    flow = Flow()
    signalled(flow)
    word = HouseholdEvent(OWN, "arrears.rent-0-1", NOON + 1, NOWHERE, forwarded=True)

    told, slip = flow.work(
        FLOW.residency, topics.RESIDENT_EVENTS, [(OWN, resident_events(REGISTRY).encode(word))]
    )

    answer = ANSWERS.decode(told.value)
    assert (answer["status"], answer["reason"]) == ("NOT_A_RESIDENT", "forwarded")
    assert (slip.topic, slip.value) == (topics.contacts("rent"), None)
    assert flow.rows["residency"].get(OWN.encode()) is None
