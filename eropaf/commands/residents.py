"""`eropaf residents`: the municipality's register of where residents live."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Annotated

import typer
from confluent_kafka import Producer

from eropaf.commands.policy import holding
from eropaf.risk.address import normalise
from eropaf.risk.identity import resident_key
from eropaf.risk.refusal import Refused
from eropaf.settings import Settings
from eropaf_client import connection
from eropaf_client.errors import ClientError, FileRefused, NotAcknowledged, Problem
from eropaf_client.schemas.topics import RESIDENTS
from eropaf_client.schemas.wire import Codec

app = typer.Typer(help="The municipality's register: which BSN lives where.", no_args_is_help=True)

COLUMNS = ["bsn", "postcode", "house_number", "addition"]
MINOR_CHILDREN = "minor_children"
SAID: dict[str, bool | None] = {"yes": True, "no": False, "": None}
STORED_WITHIN_S = 60.0

# A resident's key, and what a Residence says of him; None: he has left.
Entry = tuple[str, dict[str, object] | None]


class NotCounted(ClientError):
    """The register says more than the policy has a ground for."""


@app.callback()
def residents() -> None:
    """Say which BSN lives where: the municipality's register."""


@app.command()
def load(file: Annotated[Path, typer.Argument(help="CSV: bsn, postcode, house_number, addition.")]) -> None:
    """Publish register entries. The BSN itself is not sent: only a key made with the household secret.

    An entry without an address says that the resident has left. A fifth column, minor_children (yes, no
    or empty), is taken only where the policy that holds counts it.
    """
    settings = Settings()
    codec = Codec("Residence", RESIDENTS, settings.registry())
    entries = read_register(file, settings.secret())
    _refuse_what_is_not_counted(settings, entries)
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
    for key, entry in entries:
        value = None if entry is None else codec.encode(entry)
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


def _refuse_what_is_not_counted(settings: Settings, entries: list[Entry]) -> None:
    if all(entry is None or entry["minor_children"] is None for _, entry in entries):
        return
    policy = holding(settings)
    if policy.minor_children is None:
        raise NotCounted(
            f"nothing was stored: the file says who has minor children, and {policy.version}, which holds, "
            "does not count them. Leave the column out, or activate a policy whose [minor_children] names "
            "the ground for it"
        )


def read_register(file: Path, secret: bytes) -> list[Entry]:
    """Read a register: for each entry the resident's key and Residence, None for one who has left.

    Raises:
        FileRefused: something in the file is wrong; every fault is named by its line.

    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileRefused(str(file), [Problem("file", "is not UTF-8; save it as UTF-8")]) from None
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    entries: list[Entry] = []
    problems: list[Problem] = []
    try:
        header = next(rows, None)
        if header not in (COLUMNS, [*COLUMNS, MINOR_CHILDREN]):
            wanted = f"the header must be {','.join(COLUMNS)}, and may go on with {MINOR_CHILDREN}"
            raise FileRefused(str(file), [Problem("line 1", wanted)])
        for row in filter(None, rows):
            _read_entry(row, len(header), f"line {rows.line_num}", secret, entries, problems)
    except csv.Error as error:
        problems.append(Problem(f"line {rows.line_num}", f"is not CSV: {error}"))
    if problems:
        raise FileRefused(str(file), problems)
    return entries


def _read_entry(
    row: list[str], columns: int, place: str, secret: bytes, entries: list[Entry], problems: list[Problem]
) -> None:
    if len(row) != columns:
        problems.append(Problem(place, f"has {len(row)} columns, the header has {columns}"))
        return
    bsn, postcode, house_number, addition, said = *row[: len(COLUMNS)], "".join(row[len(COLUMNS) :])
    if said not in SAID:
        problems.append(Problem(place, f"{MINOR_CHILDREN} must be yes, no or empty"))
        return
    try:
        entry: dict[str, object] | None = None
        if postcode or house_number:
            address = normalise(postcode, house_number, addition).to_record()
            entry = {"address": address, "minor_children": SAID[said]}
        entries.append((resident_key(bsn, secret), entry))
    except Refused as refused:
        problems.append(Problem(place, str(refused)))
