"""`eropaf residents`: the municipality's register of where residents live."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Annotated

import typer
from confluent_kafka import Producer

from clients import connection
from clients.errors import FileRefused, NotAcknowledged, Problem
from eropaf.settings import Settings
from risk.address import normalise
from risk.identity import resident_key
from risk.refusal import Refused
from schemas.topics import RESIDENTS
from schemas.wire import Codec

app = typer.Typer(help="The municipality's register: which BSN lives where.", no_args_is_help=True)

COLUMNS = ["bsn", "postcode", "house_number", "addition"]
STORED_WITHIN_S = 60.0


@app.callback()
def residents() -> None:
    """Say which BSN lives where: the municipality's register."""


@app.command()
def load(file: Annotated[Path, typer.Argument(help="CSV: bsn, postcode, house_number, addition.")]) -> None:
    """Publish register entries. The BSN itself is not sent: only a key made with the household secret.

    An entry without an address says that the resident has left.
    """
    settings = Settings()
    codec = Codec("Residence", RESIDENTS, settings.registry())
    entries = read_register(file, settings.secret())
    producer = Producer(
        {
            **settings.kafka_client,
            "bootstrap.servers": settings.bootstrap,
            "enable.idempotence": True,
            "partitioner": "murmur2_random",
            "queue.buffering.max.messages": 1_000_000,
            "log_level": 0,
        }
    )
    connection.check(producer, settings.bootstrap, RESIDENTS)
    failed: list[str] = []
    for key, address in entries:
        value = None if address is None else codec.encode({"address": address})
        producer.produce(
            RESIDENTS,
            key=key.encode(),
            value=value,
            on_delivery=lambda error, message: failed.append(error.str()) if error else None,
        )
        producer.poll(0)
    left = producer.flush(STORED_WITHIN_S)
    if failed or left:
        raise NotAcknowledged(
            f"{len(failed) + left} of {len(entries)} entries were not stored; load the file again"
        )
    typer.echo(f"{len(entries)} entries stored")


def read_register(file: Path, secret: bytes) -> list[tuple[str, dict[str, object] | None]]:
    """Read a register: for each entry the resident's key and address, None for one who has left.

    Raises:
        FileRefused: something in the file is wrong; every fault is named by its line.

    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileRefused(str(file), [Problem("file", "is not UTF-8; save it as UTF-8")]) from None
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    entries: list[tuple[str, dict[str, object] | None]] = []
    problems: list[Problem] = []
    try:
        if next(rows, None) != COLUMNS:
            raise FileRefused(str(file), [Problem("line 1", "the header must be " + ",".join(COLUMNS))])
        for row in filter(None, rows):
            _read_entry(row, f"line {rows.line_num}", secret, entries, problems)
    except csv.Error as error:
        problems.append(Problem(f"line {rows.line_num}", f"is not CSV: {error}"))
    if problems:
        raise FileRefused(str(file), problems)
    return entries


def _read_entry(
    row: list[str],
    place: str,
    secret: bytes,
    entries: list[tuple[str, dict[str, object] | None]],
    problems: list[Problem],
) -> None:
    if len(row) != len(COLUMNS):
        problems.append(Problem(place, f"has {len(row)} columns, the header has {len(COLUMNS)}"))
        return
    bsn, postcode, house_number, addition = row
    try:
        lives = postcode or house_number
        address = normalise(postcode, house_number, addition).to_record() if lives else None
        entries.append((resident_key(bsn, secret), address))
    except Refused as refused:
        problems.append(Problem(place, str(refused)))
