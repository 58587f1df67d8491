"""A registry as it answers over HTTP, rightly and wrongly; what each answer does to the records that wait."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from eropaf_client.schemas import catalogue, http_registry
from eropaf_client.schemas.errors import (
    RegistryUnavailable,
    SchemaNotAsked,
    SchemaNotRegistered,
    SchemaUnknown,
    WrongRecord,
)
from eropaf_client.schemas.http_registry import HttpRegistry
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.wire import HEADER, Codec

NEWEST = catalogue.latest("ArrearsSignal")
RECORD = HEADER.pack(0, 7) + b"body"
UNKNOWN = (404, json.dumps({"error_code": 40403, "message": "Schema 7 not found"}))


class Answering(ThreadingHTTPServer):
    """Answers everything with one status and body, and counts how often."""

    daemon_threads = True

    def __init__(self, status: int, body: str, until: Event | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.body, self.until = status, body.encode(), until
        self.asked = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Answering

    def do_GET(self) -> None:
        self.server.asked += 1
        if self.server.until is not None:
            self.server.until.wait()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def a_registry(status: int, body: str, until: Event | None = None) -> Iterator[Answering]:
    server = Answering(status, body, until)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        if until is not None:
            until.set()
        server.shutdown()
        server.server_close()


def codec_of(registry: HttpRegistry) -> Codec[dict[str, object]]:
    return Codec("ArrearsSignal", "arrears.rent", registry)


def said(schema: str, **more: str) -> str:
    return json.dumps({"schema": schema, **more})


@pytest.mark.parametrize(
    "body",
    [
        said('syntax = "proto3"; message Signal {}', schemaType="PROTOBUF"),
        said('{"type": "object"}', schemaType="JSON"),
        said(NEWEST.text, schemaType="JSON"),
        said("not even JSON"),
        said('{"type": "nothing of Avro\'s"}'),
        said('"string"'),
        said("[]"),
        said("null"),
        said("7"),
    ],
)
def test_an_id_of_another_schema_is_the_senders_fault_and_is_looked_at_once(body: str) -> None:
    with a_registry(200, body) as answering, HttpRegistry(answering.url) as registry:
        codec = codec_of(registry)

        for _ in range(3):
            with pytest.raises(WrongRecord):
                codec.decode(RECORD)

        assert answering.asked == 1


def test_an_unknown_id_is_asked_for_once_in_a_while_and_found_when_it_is_registered() -> None:
    now = 0.0
    with a_registry(*UNKNOWN) as answering, HttpRegistry(answering.url, clock=lambda: now) as registry:
        codec = codec_of(registry)
        for _ in range(200):
            with pytest.raises(SchemaUnknown):
                codec.decode(RECORD)
        assert answering.asked == 1

        answering.status, answering.body = 200, said(NEWEST.text).encode()
        now += http_registry.UNKNOWN_FOR_S

        assert json.loads(registry.writer(7)) == json.loads(NEWEST.text)


def test_ever_new_ids_have_the_registry_asked_for_a_tenth_of_the_time_at_most() -> None:
    now = 0.0
    with a_registry(*UNKNOWN) as answering, HttpRegistry(answering.url, clock=lambda: now) as registry:
        for number in range(1_000):
            with pytest.raises((SchemaUnknown, SchemaNotAsked)):
                registry.writer(number)
        at_first = answering.asked
        assert at_first <= http_registry.MISSES_TAKE_S / http_registry.MISS_COSTS_S + 1

        with pytest.raises(SchemaNotAsked, match="schema id 7000 was not looked up") as refused:
            registry.writer(7_000)
        assert refused.value.reason == "schema-not-asked"

        now += 1
        for number in range(1_000, 2_000):
            with pytest.raises((SchemaUnknown, SchemaNotAsked)):
                registry.writer(number)
        assert answering.asked - at_first <= http_registry.MISSES_SHARE / http_registry.MISS_COSTS_S + 1

        answering.status, answering.body = 200, said(NEWEST.text).encode()
        now += 1
        assert json.loads(registry.writer(7_000)) == json.loads(NEWEST.text), "it was not taken for unknown"


def test_a_slow_registry_is_asked_less_often_for_what_it_does_not_know() -> None:
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += 1.5
        return now

    with a_registry(*UNKNOWN) as answering, HttpRegistry(answering.url, clock=clock) as registry:
        for number in range(10):
            with pytest.raises((SchemaUnknown, SchemaNotAsked)):
                registry.writer(number)

        assert answering.asked < 10


def test_of_all_ids_that_a_sender_may_think_of_only_the_last_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_registry, "MOST_UNKNOWN", 3)
    with a_registry(*UNKNOWN) as answering, HttpRegistry(answering.url) as registry:
        for number in range(5):
            with pytest.raises(SchemaUnknown):
                registry.writer(number)

        assert registry.unknown == 3


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, "<html>default backend - 404</html>"),
        (404, json.dumps({"error_code": 404, "message": "HTTP 404 Not Found"})),
        (404, json.dumps({"message": "no route"})),
        (404, "[]"),
        (409, "<html></html>"),
        (422, json.dumps({"error_code": 1, "message": "odd"})),
        (401, json.dumps({"error_code": 40101, "message": "who are you"})),
        (403, "no"),
        (301, ""),
        (200, "{}"),
        (200, ""),
        (200, "[]"),
        (200, "<html>log in</html>"),
        (200, json.dumps({"schema": 7})),
        (200, json.dumps({"schema": None})),
    ],
)
def test_whatever_is_no_answer_of_a_registry_counts_as_away(status: int, body: str) -> None:
    with a_registry(status, body) as answering, HttpRegistry(answering.url) as registry:
        with pytest.raises(RegistryUnavailable):
            registry.writer(7)
        with pytest.raises(RegistryUnavailable):
            registry.id_for("arrears.rent-value", NEWEST)


def test_a_schema_or_subject_that_the_registry_does_not_hold_is_not_registered() -> None:
    for code in (40401, 40402, 40403):
        body = json.dumps({"error_code": code, "message": "not found"})
        with (
            a_registry(404, body) as answering,
            HttpRegistry(answering.url) as registry,
            pytest.raises(SchemaNotRegistered, match="eropaf schemas register"),
        ):
            registry.id_for("arrears.rent-value", NEWEST)


def test_a_registry_that_takes_a_request_and_says_nothing_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_registry, "REGISTRY_ANSWERS_WITHIN_S", 0.2)
    with (
        a_registry(200, said(NEWEST.text), until=Event()) as answering,
        HttpRegistry(answering.url) as registry,
    ):
        began = time.monotonic()
        with pytest.raises(RegistryUnavailable, match="did not answer"):
            registry.writer(7)

        assert time.monotonic() - began < 10


def test_no_error_shows_the_password_in_the_registrys_address() -> None:
    with a_registry(503, "") as answering:
        address = answering.url.replace("http://", "http://eropaf:s3cret@")
        with HttpRegistry(address) as registry, pytest.raises(RegistryUnavailable) as raised:
            registry.writer(7)

    told = ""
    error: BaseException | None = raised.value
    while error is not None:
        told += str(error)
        error = error.__cause__ or error.__context__
    assert "s3cret" not in told
    assert answering.url in str(raised.value)


def test_a_schema_that_is_built_in_is_none_of_another_record() -> None:
    codec = Codec("Residence", "residents", LocalRegistry())

    with pytest.raises(WrongRecord):
        codec.decode(HEADER.pack(0, NEWEST.local_id))
