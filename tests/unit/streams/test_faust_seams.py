"""The places where we plug in to Faust. An upgrade that moves one fails here, and not at night."""

from __future__ import annotations

import inspect

import faust
from faust.app.base import BootStrategy
from faust.serializers.schemas import Schema
from faust.streams import Stream
from faust.tables.manager import TableManager
from faust.transport.base import Transport
from faust.transport.conductor import Conductor
from faust.types.tuples import ConsumerMessage, Message

from eropaf.agents.codecs import letters
from eropaf.streams.config import StreamsConfig
from eropaf.streams.runtime.app import CheckpointedApp
from eropaf.streams.runtime.consumer import Consumer
from eropaf.streams.runtime.producer import NoBuffer
from eropaf.worker import Named
from eropaf_client.schemas.registry import LocalRegistry


def source(thing: object) -> str:
    return inspect.getsource(thing)  # type: ignore[arg-type]


def test_the_version_is_the_one_that_was_read() -> None:
    assert faust.__version__ == "0.15.3"


def test_a_worker_is_found_by_the_name_in_its_command_line() -> None:
    # Before and after it runs; whatever else is installed.
    assert "self._setproctitle(" in source(faust.Worker.on_execute) + source(faust.Worker.on_worker_shutdown)
    assert Named._setproctitle is not faust.Worker._setproctitle


def test_the_boot_strategy_asks_for_the_consumer_alone() -> None:
    assert "self.kafka_consumer()" in source(BootStrategy.server)
    app = CheckpointedApp(StreamsConfig("127.0.0.1:1", "group", "worker"), letters(LocalRegistry()), ())
    assert app.BootStrategy.enable_web is False


def test_a_cluster_of_several_brokers_is_several_addresses_to_faust() -> None:
    app = CheckpointedApp(StreamsConfig("one:9092,two:9093", "group", "worker"), letters(LocalRegistry()), ())

    assert [url.port for url in app.transport.url] == [9092, 9093]


def test_the_conductor_waits_for_tables_and_subscribes_through_our_consumer() -> None:
    said = source(Conductor._subscriber.fun)
    assert "wait_until_tables_registered" in said
    assert "self.app.consumer.subscribe" in said
    assert {"_tables_registered", "_tables_finalized"} <= set(source(TableManager.__init__).split(".")) | {
        word.rstrip(" =") for word in source(TableManager.__init__).replace("self.", " ").split()
    }


def test_the_python_iterator_acknowledges_when_the_agent_comes_back() -> None:
    said = source(Stream._py_aiter)
    assert "event.ack()" in said
    assert "self._active_agens" in source(Stream.__aiter__)


def test_a_final_acknowledgement_reaches_the_consumer_only_from_a_consumer_message() -> None:
    assert "consumer.ack(self)" in source(ConsumerMessage.on_final_ack)
    assert "consumer.ack" not in source(Message.on_final_ack)


def test_an_agents_error_is_told_before_it_is_restarted() -> None:
    said = source(faust.Agent._execute_actor)
    assert said.index("self._on_error") < said.index(
        "aref.crash(exc)\n            self.supervisor.wakeup()\n"
    )


def test_directories_are_made_where_ours_makes_none() -> None:
    assert "self._create_directories()" in source(faust.App.on_first_start)


def test_fausts_own_command_makes_a_web_server_where_ours_makes_none() -> None:
    said = source(faust.App.worker_init_post_autodiscover)
    assert "self.web.init_server()" in said
    assert "self.on_worker_init.send()" in said


def test_stopping_goes_through_our_consumer_while_agents_still_run() -> None:
    assert "self._stop_consumer()" in source(faust.App.on_stop)


def test_a_schema_compiles_its_own_decoder_and_a_transport_makes_its_own_consumer() -> None:
    assert "decode" in source(Schema.compile)
    assert "self.Consumer(" in source(Transport.create_consumer)


def test_our_consumer_has_every_name_that_faust_calls() -> None:
    called = {
        "subscribe", "assignment", "ack", "track_message", "commit", "wait_empty", "close",
        "on_buffer_full", "on_buffer_drop", "stop_flow", "resume_flow", "on_task_error",
    }  # fmt: skip
    assert called <= set(dir(Consumer))


def test_the_buffer_that_the_conductor_waits_for_has_its_name() -> None:
    assert "app.producer.buffer.wait_until_ebb" in source(inspect.getmodule(Conductor))
    assert inspect.iscoroutinefunction(NoBuffer.wait_until_ebb)
