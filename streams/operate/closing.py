"""Closes a dead letter that is not to be replayed: a note says why, and nothing else is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from eropaf.streams.errors import BrokerUnreachable, LetterUnknown
from eropaf.streams.operate.letters import CLOSED, Letter, Letters, note
from eropaf_client.schemas.wire import Codec

NOTE_STORED_WITHIN_S = 10.0


def close(
    bootstrap: str,
    client: Mapping[str, str],
    codec: Codec[dict[str, Any]],
    letter: Letter,
    why: str,
    now_ms: int,
) -> None:
    """Write to the topic of `codec` that `letter` is dealt with, and why; return once that is stored.

    The note answers the letters that exist now: a record that is set aside again is open again.

    Raises:
        BrokerUnreachable: the note was refused, or the broker did not say whether it was stored.
        LetterUnknown: the letter was deleted meanwhile.

    """
    found = [held for _, held in Letters(bootstrap, client, codec).read([letter.place])]
    if not found:
        raise LetterUnknown(
            f"{letter.id} was deleted from {codec.topic} meanwhile, because its retention had ended"
        )
    (held,) = found
    value = codec.encode(note(held, CLOSED, letter.set_aside_at, detail=why, agent="close"))
    settings = {"acks": "all", "partitioner": "murmur2_random", "compression.type": "lz4", "log_level": 0}
    limits = {"message.timeout.ms": int(NOTE_STORED_WITHIN_S * 1000)}
    producer = Producer({**client, "bootstrap.servers": bootstrap, **settings, **limits})
    refused: list[KafkaError] = []

    def delivered(error: KafkaError | None, message: Message) -> None:
        if error is not None:
            refused.append(error)

    try:
        producer.produce(codec.topic, key=held["key"], value=value, timestamp=now_ms, on_delivery=delivered)
        left = producer.flush(NOTE_STORED_WITHIN_S)
    except KafkaException as error:
        raise _not_known(bootstrap, codec.topic, error.args[0].str()) from None
    if left or refused:
        raise _not_known(bootstrap, codec.topic, refused[0].str() if refused else "no answer")


def _not_known(bootstrap: str, topic: str, why: str) -> BrokerUnreachable:
    return BrokerUnreachable(
        f"{bootstrap} did not say that the note is stored ({why}): the record may be closed, or open as it "
        f"was. Is the broker running, and may this user write to {topic}? Then give the command again"
    )
