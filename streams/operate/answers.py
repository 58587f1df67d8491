"""Answers to requests of an admin client."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TypeVar

from confluent_kafka import KafkaError, KafkaException

Answer = TypeVar("Answer")

# For one admin request: a broker that is busy or electing takes seconds.
ANSWER_WITHIN_S = 10.0


def answer(asked: Future[Answer], within_s: float) -> Answer:
    """Return the broker's answer.

    Raises:
        KafkaException: the broker's refusal; `_TIMED_OUT` if it did not answer within `within_s` seconds,
            which is transient like any other absence of a broker.

    """
    try:
        return asked.result(timeout=within_s)
    except TimeoutError:
        silence = KafkaError(KafkaError._TIMED_OUT, f"no answer within {within_s:g} s")
        raise KafkaException(silence) from None
