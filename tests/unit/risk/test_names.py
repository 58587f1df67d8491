from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from eropaf.risk.feedback import Answer
from eropaf.risk.names import id_of


@given(st.uuids(), st.text())
def test_an_id_is_the_uuid_of_a_name(namespace: uuid.UUID, name: str) -> None:
    assert id_of(namespace.bytes, name) == str(uuid.uuid5(namespace, name))


def test_the_id_of_feedback_follows_from_what_is_told_and_why() -> None:
    told = Answer("rent", "contract", "signal", "PICKED_UP").to_record("event", 1)

    namespace = uuid.uuid5(uuid.NAMESPACE_DNS, "feedback.eropaf.nl")
    assert told["feedback_id"] == str(uuid.uuid5(namespace, "event:rent:contract:signal:PICKED_UP"))
