"""Quix Streams: two streaming dataframes with state, as its documentation shows."""

from __future__ import annotations

from typing import Any

from confluent_kafka.admin import AdminClient, NewTopic
from quixstreams import Application, State

from bench.peers.hops import BOOTSTRAP, COMMIT_MS, EVENTS, RISKS, STATE, UPDATES, Hop, Household, Ranking

PARTITIONS = 8


def make_changelogs() -> None:
    """Make the tables' changelogs, and wait until the broker tells of them.

    Quix Streams makes them itself too, but asks for them the moment after: on a busy broker it ends with
    TopicNotFoundError.
    """
    names = {f"changelog__bench--{topic}--default" for topic in (EVENTS, RISKS)}
    admin = AdminClient({"bootstrap.servers": BOOTSTRAP})
    missing = names - admin.list_topics().topics.keys()
    compacted = {"cleanup.policy": "compact"}
    new = [NewTopic(name, PARTITIONS, 1, config=compacted) for name in missing]
    for made in admin.create_topics(new).values() if new else ():
        made.result()
    while not names <= admin.list_topics().topics.keys():
        admin.poll(0.05)


def stateful(hop: Hop) -> Any:
    """Return the function that keeps a household's row as bytes in its state."""

    def step(message: bytes, state: State) -> bytes | None:
        row, output = hop.on_bytes(state.get_bytes("row"), message)
        state.set_bytes("row", row)
        return output

    return step


def main() -> None:
    """Run until SIGTERM."""
    make_changelogs()
    app = Application(
        broker_address=BOOTSTRAP,
        consumer_group="bench",
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        commit_interval=COMMIT_MS / 1000,
        state_dir=STATE,
        loglevel="WARNING",
        producer_extra_config={"compression.type": "lz4"},
    )
    plain = {
        "key_deserializer": "bytes",
        "key_serializer": "bytes",
        "value_deserializer": "bytes",
        "value_serializer": "bytes",
    }
    events, risks, updates = (app.topic(name, **plain) for name in (EVENTS, RISKS, UPDATES))
    for source, hop, to in ((events, Household(), risks), (risks, Ranking(), updates)):
        frame = app.dataframe(source)
        frame = frame.apply(stateful(hop), stateful=True)
        frame = frame[frame.apply(lambda output: output is not None)]
        frame.to_topic(to)
    app.run()


if __name__ == "__main__":
    main()
