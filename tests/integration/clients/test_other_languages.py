"""A program with none of our code takes part, by the contract alone: kcat, and Apache's Avro."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import avro.io
import avro.schema
import pytest
import yaml

from deploy.embedded import EmbeddedKafka
from schemas.contract import CONTRACT
from tests.integration.processes import ended, until
from tests.integration.system import System
from tests.node import missing

pytestmark = pytest.mark.kafka


@pytest.fixture
def system(fresh: EmbeddedKafka, tmp_path: Path) -> Iterator[System]:
    if shutil.which("kcat") is None:
        missing("kcat", "Debian's kcat")
    running = System(fresh, tmp_path)
    with ended(running.workers):
        until(lambda: running.workers.said.count("partitions open") >= 1, 30, "workers reading")
        yield running


def kcat(*arguments: str) -> bytes:
    return subprocess.run(["kcat", *arguments], check=True, capture_output=True, timeout=30).stdout


def message(name: str) -> Any:
    return yaml.safe_load(CONTRACT.read_text("utf-8"))["components"]["messages"][name]


def encoded(record: str, value: dict[str, Any]) -> bytes:
    said = message(record)
    out = io.BytesIO(b"\x00" + int(said["x-schema-id"]).to_bytes(4, "big"))
    out.seek(0, io.SEEK_END)
    schema = avro.schema.parse(json.dumps(said["payload"]["schema"]))
    avro.io.DatumWriter(schema).write(value, avro.io.BinaryEncoder(out))
    return out.getvalue()


def decoded(record: str, data: bytes) -> dict[str, Any]:
    said = message(record)
    assert data[:5] == b"\x00" + int(said["x-schema-id"]).to_bytes(4, "big")
    schema = avro.schema.parse(json.dumps(said["payload"]["schema"]))
    value: Any = avro.io.DatumReader(schema).read(avro.io.BinaryDecoder(io.BytesIO(data[5:])))
    return dict(value)


def test_a_plain_kafka_client_reports_arrears_and_reads_the_priority_update(
    system: System, tmp_path: Path
) -> None:
    signal: dict[str, Any] = {
        "signal_id": "S-1", "contract": "C-1", "kind": "REPORTED", "partner_type": "RENT",
        "amount_cents": 165_000, "monthly_bill_cents": 55_000, "arrears_since": None,
        "reported_at": datetime(2026, 3, 2, 12, tzinfo=UTC), "version": 1, "own_effort": None,
        "crisis": None, "handover_wish": False,
        "resident": {"bsn": None, "postcode": "1011 AB", "house_number": "7", "addition": None},
    }  # fmt: skip
    file = tmp_path / "signal.avro"
    file.write_bytes(encoded("ArrearsSignal", signal))

    kcat(
        "-P", "-b", system.bootstrap, "-t", "arrears.rent", "-k", "C-1", "-X", "partitioner=murmur2_random",
        "-X", "enable.idempotence=true", str(file),
    )  # fmt: skip
    data = kcat(
        "-C", "-b", system.bootstrap, "-t", "outreach.priorities", "-o", "beginning", "-c", "1",
        "-X", "isolation.level=read_committed", "-f", "%s",
    )  # fmt: skip

    update = decoded("PriorityUpdate", data)
    assert update["address"] == {"postcode": "1011AB", "house_number": 7, "addition": ""}
    assert update["band"] == "MEDIUM"
    assert update["change"] == "RAISED"
