"""Which lines of the Kafka client's log say that an answer of the broker may have been lost."""

from __future__ import annotations

import pytest

from eropaf_client.lost_answers import INFORMATION, Listener, may_be_lost

LINES = [
    ("REQTMOUT [thrd:b1]: Timed out ProduceRequest in flight", True),
    ("FAIL [thrd:b1]: Disconnected (after 7ms in state UP)", True),
    ("FAIL [thrd:b1]: Connect refused (after 0ms in state CONNECT)", False),
    ("FAIL [thrd:b1]: Connect timed out (after 9ms in state TRY_CONNECT)", False),
    ("GETPID [thrd:main]: Acquired a producer id", False),
    ("said later: REQTMOUT ", False),
    ("said later: FAIL ", False),
]


@pytest.mark.parametrize(("said", "lost"), LINES)
def test_a_request_that_timed_out_or_lost_its_connection_may_have_been_answered(
    said: str, lost: bool
) -> None:
    assert may_be_lost(said) is lost


@pytest.mark.parametrize(("said", "lost"), LINES)
def test_a_listener_has_heard_it_from_then_on(said: str, lost: bool) -> None:
    listener = Listener()
    assert listener.heard is False

    listener.log(INFORMATION, "%s", said)
    listener.log(INFORMATION, "GETPID [%s]: %s", "thrd:main", "Acquired")

    assert listener.heard is lost
