"""Rows come back whole, and not before the last checkpoint of whoever had them is settled."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Thread
from types import SimpleNamespace

import pytest
from confluent_kafka import Consumer, IsolationLevel, Producer, TopicPartition
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.streams.config import StreamsConfig
from eropaf.streams.errors import OffsetsLost, RowsLost
from eropaf.streams.operate.topics import Topic, admin, ensure
from eropaf.streams.runtime.checkpoint import Checkpoint, TransactionWriter
from eropaf.streams.runtime.loss import Loss
from eropaf.streams.runtime.record import Output
from eropaf.streams.runtime.stage import Stage, TableSpec, changelog
from eropaf.streams.state import restore
from eropaf.streams.state.restore import Begins, Restorer, Wanted
from eropaf.streams.state.table import TablePartition
from eropaf.streams.topic_partition import TP
from tests.integration.processes import PATIENCE_S

pytestmark = pytest.mark.kafka

KEPT = TableSpec("rows", encode=bytes, decode=bytes)
STAGE = Stage("keeping", ("input",), KEPT)
INPUT, ROWS = TP("input", 0), changelog("restoring", "rows")


@pytest.fixture
def config(fresh: EmbeddedKafka) -> StreamsConfig:
    topics = [Topic(INPUT.topic, 1), Topic(ROWS, 1, {"cleanup.policy": "compact"})]
    ensure(admin(fresh.bootstrap, {}), topics)
    producer = Producer({"bootstrap.servers": fresh.bootstrap})
    for number in range(2):  # what checkpoints say that they have read is there
        producer.produce(INPUT.topic, str(number), partition=INPUT.partition)
    producer.flush()
    return StreamsConfig(fresh.bootstrap, "restoring", "one")


def group_metadata(config: StreamsConfig) -> object:
    return Consumer(
        {"bootstrap.servers": config.bootstrap, "group.id": config.group}
    ).consumer_group_metadata()


def saved(config: StreamsConfig, *rows: tuple[bytes, bytes | None]) -> None:
    """Save one checkpoint with `rows` and the input's offset."""
    writer = TransactionWriter(config, STAGE.name)
    writer.open()
    checkpoint = Checkpoint(offsets={INPUT: 1})
    checkpoint.take_rows(ROWS, 0, rows)
    writer.write(checkpoint, group_metadata(config))


def checked(config: StreamsConfig) -> None:
    restorer = Restorer(config)
    try:
        restorer.check_offsets([STAGE])
    finally:
        restorer.close()


def begins(config: StreamsConfig) -> Begins:
    restorer = Restorer(config)
    try:
        return restorer.begins([INPUT])
    finally:
        restorer.close()


def rows_of(table: TablePartition[bytes]) -> dict[bytes, bytes]:
    return {key: table.get(key) or b"" for key in table.between(b"", b"\xff")}


def restored(config: StreamsConfig) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    restorer = Restorer(config)
    wanted = Wanted(ROWS, 0, (INPUT,), still_wanted=lambda: True, spec=KEPT)
    restorer.begins([INPUT])
    restorer.restore([wanted], lambda _, table: found.update(rows_of(table)))
    restorer.close()
    return found


def test_the_newest_row_of_each_key_comes_back_and_deleted_ones_do_not(config: StreamsConfig) -> None:
    saved(config, (b"a", b"1"), (b"b", b"1"))
    saved(config, (b"a", b"2"), (b"b", None))

    assert restored(config) == {b"a": b"2"}


def test_a_checkpoint_is_saved_also_where_the_groups_coordinator_comes_late(config: StreamsConfig) -> None:
    writer = TransactionWriter(config, STAGE.name)
    writer.open()
    writer.write(Checkpoint(outputs=[Output(INPUT.topic, b"a", b"1", 0, 0)]), group_metadata(config))
    checkpoint = Checkpoint(offsets={INPUT: 1})

    # The first offsets of a new cluster: their topic is made while they wait.
    saving = Thread(target=writer.write, args=(checkpoint, group_metadata(config)), daemon=True)
    saving.start()
    saving.join(PATIENCE_S)

    assert not saving.is_alive()


def test_a_worker_starts_while_another_saves(config: StreamsConfig) -> None:
    saved(config, (b"a", b"1"))
    saving = Producer({"bootstrap.servers": config.bootstrap, "transactional.id": "saving"})
    saving.init_transactions(PATIENCE_S)
    saving.begin_transaction()
    saving.send_offsets_to_transaction([TopicPartition(*INPUT, 2)], group_metadata(config), PATIENCE_S)

    with ThreadPoolExecutor(1) as pool:
        starting = pool.submit(checked, config)
        try:
            starting.result(timeout=PATIENCE_S)
        finally:
            saving.abort_transaction(PATIENCE_S)


def test_it_waits_for_a_checkpoint_that_is_half_way_and_sees_what_it_saved(config: StreamsConfig) -> None:
    dying = Producer({"bootstrap.servers": config.bootstrap, "transactional.id": "half-way"})
    dying.init_transactions(PATIENCE_S)
    dying.begin_transaction()
    dying.produce(ROWS, key=b"late", value=b"1", partition=0)
    dying.send_offsets_to_transaction([TopicPartition(*INPUT, 1)], group_metadata(config), PATIENCE_S)

    with ThreadPoolExecutor(1) as pool:
        rows = pool.submit(restored, config)
        with pytest.raises(TimeoutError):
            rows.result(timeout=1)
        dying.commit_transaction(PATIENCE_S)

        assert rows.result(PATIENCE_S) == {b"late": b"1"}


def test_rows_whose_offsets_the_group_forgot_are_refused_and_what_to_do_is_said(
    config: StreamsConfig,
) -> None:
    saved(config, (b"a", b"1"))
    checked(config)
    kafka = admin(config.bootstrap, {})
    (forgotten,) = kafka.delete_consumer_groups([config.group]).values()
    forgotten.result(PATIENCE_S)

    with pytest.raises(OffsetsLost, match=f"{ROWS}-0.*Restore the group's offsets"):
        checked(config)


def test_a_flow_that_never_ran_has_neither_rows_nor_offsets_and_may_start(config: StreamsConfig) -> None:
    checked(config)


def test_a_first_checkpoint_that_was_aborted_leaves_no_rows_and_the_flow_may_start(
    config: StreamsConfig,
) -> None:
    dying = Producer({"bootstrap.servers": config.bootstrap, "transactional.id": "aborted"})
    dying.init_transactions(PATIENCE_S)
    dying.begin_transaction()
    dying.produce(ROWS, key=b"a", value=b"1", partition=0)
    dying.flush()
    dying.abort_transaction(PATIENCE_S)

    checked(config)
    assert restored(config) == {}


def test_records_that_were_deleted_unread_are_a_loss_until_it_is_accepted(config: StreamsConfig) -> None:
    saved(config)  # the first record of the input is read
    producer = Producer({"bootstrap.servers": config.bootstrap})
    for number in range(5):
        producer.produce(INPUT.topic, str(number), partition=INPUT.partition)
    producer.flush()
    kafka = admin(config.bootstrap, {})
    (cut,) = kafka.delete_records([TopicPartition(*INPUT, 3)]).values()
    cut.result(PATIENCE_S)
    loss = Loss(*INPUT, 1, 2)

    assert begins(config).lost == {INPUT: loss}
    accepted = begins(replace(config, accepted_losses=(loss,)))

    assert accepted.lost == {}
    assert accepted.starts == {INPUT: 3}


def test_records_deleted_before_the_group_ever_read_are_a_loss_too(config: StreamsConfig) -> None:
    kafka = admin(config.bootstrap, {})
    (cut,) = kafka.delete_records([TopicPartition(*INPUT, 1)]).values()
    cut.result(PATIENCE_S)

    assert begins(config).lost == {INPUT: Loss(*INPUT, 0, 0)}


def test_an_input_of_which_nothing_was_read_starts_at_its_beginning(config: StreamsConfig) -> None:
    assert begins(config).starts == {INPUT: 0}


def test_a_changelog_that_holds_only_deletions_is_read_to_its_end(config: StreamsConfig) -> None:
    saved(config, (b"a", None))

    assert restored(config) == {}


def test_a_changelog_that_was_cut_is_refused(config: StreamsConfig) -> None:
    saved(config, (b"a", b"1"))
    kafka = admin(config.bootstrap, {})
    # A retention by mistake: Kafka refuses to cut what is only compacted.
    mistake = ConfigEntry("cleanup.policy", "delete", incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, ROWS, incremental_configs=[mistake])
    (altered,) = kafka.incremental_alter_configs([resource]).values()
    altered.result(PATIENCE_S)
    (cut,) = kafka.delete_records([TopicPartition(ROWS, 0, 1)]).values()
    cut.result(PATIENCE_S)

    with pytest.raises(RowsLost, match=f"{ROWS}-0 begins at offset 1"):
        restored(config)


def test_rows_come_back_also_where_the_client_does_not_know_the_new_leader_yet(
    config: StreamsConfig, fresh: EmbeddedKafka
) -> None:
    saved(config, (b"a", b"1"))
    restorer = Restorer(config)
    wanted = Wanted(ROWS, 0, (INPUT,), still_wanted=lambda: True, spec=KEPT)
    found: list[dict[bytes, bytes]] = []
    restorer.restore([wanted], lambda _, table: found.append(rows_of(table)))

    fresh.nodes[0].kill()
    fresh.nodes[0].start()
    restorer.restore([wanted], lambda _, table: found.append(rows_of(table)))

    assert found == [{b"a": b"1"}, {b"a": b"1"}]
    restorer.close()


@pytest.mark.parametrize(
    ("level", "found", "open_ms"),
    [
        (IsolationLevel.READ_UNCOMMITTED, {b"a": b"1"}, 20_000),
        # What would be without it: the mutant that reads to the last stable offset only. Nothing waits for
        # the end of the transaction, which must not come before.
        (IsolationLevel.READ_COMMITTED, {}, 300_000),
    ],
)
def test_rows_behind_a_dead_workers_open_transaction_come_back_when_it_is_aborted(
    config: StreamsConfig,
    monkeypatch: pytest.MonkeyPatch,
    level: IsolationLevel,
    found: dict[bytes, bytes],
    open_ms: int,
) -> None:
    checked(config)  # the group has its coordinator: else the transaction below could end before the other
    monkeypatch.setattr(restore, "IsolationLevel", SimpleNamespace(READ_UNCOMMITTED=level))
    dead = Producer(
        {
            "bootstrap.servers": config.bootstrap,
            "transactional.id": "dead",
            "transaction.timeout.ms": open_ms,
            "message.timeout.ms": open_ms,
        }
    )
    dead.init_transactions(PATIENCE_S)
    dead.begin_transaction()
    dead.produce(ROWS, key=b"never", value=b"1", partition=0)
    dead.flush()
    saved(config, (b"a", b"1"))

    assert restored(config) == found
