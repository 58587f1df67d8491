"""A program with none of our code takes part, by the contract or the registry: kcat, and Apache's Avro."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import avro.io
import avro.schema
import pytest
import yaml

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.registry import EmbeddedRegistry
from eropaf.derived.asyncapi import CONTRACT
from tests.integration.processes import PATIENCE_S, ended
from tests.integration.system import System
from tests.node import missing

pytestmark = pytest.mark.kafka


Schema = Callable[[str, int | None], tuple[int, str]]


def in_the_contract(topic: str, schema_id: int | None) -> tuple[int, str]:
    """Return the id and the schema of a topic's records, from the AsyncAPI file."""
    record = {"arrears.rent": "ArrearsSignal", "outreach.priorities": "PriorityUpdate"}[topic]
    said = yaml.safe_load(CONTRACT.read_text("utf-8"))["components"]["messages"][record]
    assert schema_id in (None, int(said["x-schema-id"]))
    return int(said["x-schema-id"]), json.dumps(said["payload"]["schema"])


def in_the_registry(url: str) -> Schema:
    """Ask a registry as any client does: the newest of a subject, or the one of an id that was read."""

    def asked(path: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"{url}{path}", timeout=PATIENCE_S) as answer:  # noqa: S310  # loopback
            return dict(json.load(answer))

    def schema(topic: str, schema_id: int | None) -> tuple[int, str]:
        if schema_id is not None:
            return schema_id, str(asked(f"/schemas/ids/{schema_id}")["schema"])
        newest = asked(f"/subjects/{topic}-value/versions/latest")
        return int(newest["id"]), str(newest["schema"])

    return schema


@pytest.fixture(params=["contract", "registry"])
def flow(
    request: pytest.FixtureRequest, fresh: EmbeddedKafka, tmp_path: Path
) -> Iterator[tuple[System, Schema]]:
    if shutil.which("kcat") is None:
        missing("kcat", "Debian's kcat")
    with ExitStack() as stack:
        settings: dict[str, str] = {}
        schema: Schema = in_the_contract
        if request.param == "registry":
            request.getfixturevalue("registry_runner")
            url = stack.enter_context(EmbeddedRegistry()).url
            settings, schema = {"EROPAF_REGISTRY_URL": url}, in_the_registry(url)
        system = System(fresh, tmp_path, started=False, **settings)
        if settings:
            system.command("schemas", "register")
        system.workers = system.start()
        stack.enter_context(ended(system.workers))
        system.until_reading()
        yield system, schema


def kcat(*arguments: str) -> bytes:
    return subprocess.run(["kcat", *arguments], check=True, capture_output=True, timeout=PATIENCE_S).stdout


def encoded(schema: Schema, topic: str, value: dict[str, Any]) -> bytes:
    schema_id, text = schema(topic, None)
    out = io.BytesIO()
    avro.io.DatumWriter(avro.schema.parse(text)).write(value, avro.io.BinaryEncoder(out))
    return b"\x00" + schema_id.to_bytes(4, "big") + out.getvalue()


def decoded(schema: Schema, topic: str, data: bytes) -> dict[str, Any]:
    assert data[0] == 0
    _, text = schema(topic, int.from_bytes(data[1:5], "big"))
    reader = avro.io.DatumReader(avro.schema.parse(text))
    value: Any = reader.read(avro.io.BinaryDecoder(io.BytesIO(data[5:])))
    return dict(value)


def test_a_plain_kafka_client_reports_arrears_and_reads_the_priority_update(
    flow: tuple[System, Schema], tmp_path: Path
) -> None:
    system, schema = flow
    signal: dict[str, Any] = {
        "signal_id": "S-1", "contract": "C-1", "kind": "REPORTED", "partner_type": "RENT",
        "amount_cents": 165_000, "monthly_bill_cents": 55_000, "arrears_since": None,
        "reported_at": datetime(2026, 3, 2, 12, tzinfo=UTC), "version": 1, "own_effort": None,
        "crisis": None, "handover_wish": False,
        "resident": {"bsn": None, "postcode": "1011 AB", "house_number": "7", "addition": None},
    }  # fmt: skip
    file = tmp_path / "signal.avro"
    file.write_bytes(encoded(schema, "arrears.rent", signal))

    kcat(
        "-P", "-b", system.bootstrap, "-t", "arrears.rent", "-k", "C-1", "-X", "partitioner=murmur2_random",
        "-X", "enable.idempotence=true", str(file),
    )  # fmt: skip
    data = kcat(
        "-C", "-b", system.bootstrap, "-t", "outreach.priorities", "-o", "beginning", "-c", "1",
        "-X", "isolation.level=read_committed", "-f", "%s",
    )  # fmt: skip

    update = decoded(schema, "outreach.priorities", data)
    assert update["address"] == {"postcode": "1011AB", "house_number": 7, "addition": ""}
    assert update["band"] == "MEDIUM"
    assert update["change"] == "RAISED"
