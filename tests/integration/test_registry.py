"""A real registry over HTTP, and the whole flow with it; also while it is away."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import fastavro
import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.registry import EmbeddedRegistry
from eropaf_client.cluster import Cluster
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.schemas import catalogue
from eropaf_client.schemas.errors import SchemaNotRegistered, SchemaUnknown
from eropaf_client.schemas.http_registry import HttpRegistry
from eropaf_client.schemas.topics import REJECTED
from eropaf_client.schemas.wire import Codec
from tests.builders import an_arrears_signal
from tests.integration.processes import PATIENCE_S, ended
from tests.integration.system import System

pytestmark = pytest.mark.kafka

SUBJECT = "arrears.rent-value"
NEWEST = catalogue.latest("ArrearsSignal")


@pytest.fixture(scope="module")
def url(registry_runner: Path) -> Iterator[str]:
    with EmbeddedRegistry() as running:
        yield running.url


@pytest.fixture
def registry(url: str) -> Iterator[HttpRegistry]:
    with HttpRegistry(url) as connected:
        yield connected


def changed(**field: object) -> catalogue.Schema:
    """Return the newest schema with one more field."""
    schema = json.loads(NEWEST.text)
    schema["fields"].append(field)
    return replace(NEWEST, version=99, text=json.dumps(schema))


def test_what_was_registered_is_found_under_its_id(url: str, registry: HttpRegistry) -> None:
    ids = registry.register([(SUBJECT, NEWEST)])

    with HttpRegistry(url) as asked:
        assert asked.id_for(SUBJECT, NEWEST) == ids[SUBJECT]
        assert json.loads(asked.writer(ids[SUBJECT])) == json.loads(NEWEST.text)


def test_an_incompatible_schema_is_refused_by_the_registry(registry: HttpRegistry) -> None:
    registry.register([(SUBJECT, NEWEST)])

    with pytest.raises(SchemaNotRegistered, match=f"refused ArrearsSignal under subject {SUBJECT}"):
        registry.register([(SUBJECT, changed(name="colour", type="string", doc="Needed."))])


def test_a_schema_that_is_not_there_is_an_error_that_says_how_to_register_it(registry: HttpRegistry) -> None:
    with pytest.raises(SchemaNotRegistered, match="eropaf schemas register"):
        registry.id_for("nobody-value", NEWEST)
    with pytest.raises(SchemaUnknown, match="schema id 999999 is not registered"):
        registry.writer(999_999)


def test_a_newer_producers_record_is_read_with_its_schema_from_the_registry(registry: HttpRegistry) -> None:
    newer = changed(name="colour", type=["null", "string"], default=None, doc="From a later version.")
    registry.register([(SUBJECT, NEWEST)])
    schema_id = registry.register([(SUBJECT, newer)])[SUBJECT]
    record = an_arrears_signal().to_record()
    body = BytesIO()
    fastavro.schemaless_writer(
        body, fastavro.parse_schema(catalogue.plain(newer)), record | {"colour": "blue"}
    )

    codec = Codec("ArrearsSignal", "arrears.rent", registry)

    assert codec.decode(struct.pack(">bI", 0, schema_id) + body.getvalue()) == record


def test_workers_wait_for_a_registry_that_is_away_and_skip_nothing(
    registry_runner: Path, fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    with EmbeddedRegistry() as registry:
        before = System(fresh, tmp_path, started=False, EROPAF_REGISTRY_URL=registry.url)
        assert SUBJECT in before.command("schemas", "register")
        before.command("topics", "create")
        with (
            HttpRegistry(registry.url) as known,
            ArrearsPublisher(Cluster(fresh.bootstrap, registry=known), "rent") as publisher,
        ):
            publisher.report(an_arrears_signal())
        registry.kill()

        after = System(fresh, tmp_path, EROPAF_REGISTRY_URL=registry.url)
        with ended(after.workers):
            after.workers.until(
                lambda: "did not answer" in after.workers.said, PATIENCE_S, "workers that miss the registry"
            )
            registry.start()
            after.workers.until(
                lambda: "RAISED" in after.command("watch", "--until-caught-up"), PATIENCE_S, "the update"
            )

        assert after.read(REJECTED, "Rejected") == []
