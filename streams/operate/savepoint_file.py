"""A savepoint as a file: an Avro container with a manifest, sealed, there as a whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import Any

import fastavro
from confluent_kafka import Message

from eropaf.streams.errors import SavepointDamaged, SavepointThere, SavepointUnwritten
from eropaf_client.schemas.whole_file import Overtaken, whole_file

SAVEPOINT_VERSION = 1
MANIFEST = "eropaf.savepoint"
# The offset of an entry that stood nowhere: it is written whichever cluster the savepoint is imported into.
STOOD_NOWHERE = -1
# Of an offset: a signed number of 64 bits.
LARGEST = 2**63

ENTRY = fastavro.parse_schema(
    {
        "type": "record",
        "name": "nl.eropaf.SavepointEntry",
        "doc": "A record of a topic. The last has no topic; its value is the SHA-256 of all before it.",
        "fields": [
            {"name": "topic", "type": "string"},
            {"name": "partition", "type": "int"},
            {"name": "offset", "type": "long", "doc": "Where it stood when the savepoint was taken."},
            {"name": "timestamp_ms", "type": "long"},
            {"name": "key", "type": ["null", "bytes"]},
            {"name": "value", "type": ["null", "bytes"]},
            {
                "name": "headers",
                "type": {
                    "type": "array",
                    "items": {
                        "type": "record",
                        "name": "nl.eropaf.SavepointHeader",
                        "fields": [
                            {"name": "name", "type": "string"},
                            {"name": "value", "type": ["null", "bytes"]},
                        ],
                    },
                },
            },
        ],
    }
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a savepoint says of itself."""

    version: int
    cluster: str
    group: str
    taken_at: str
    partitions: dict[str, int]
    """Number of partitions of every topic of the scope."""
    offsets: dict[str, list[int]]
    """Of each input and partition, the offset of the first record that was not read yet."""


def check_free(file: Path, overwrite: bool) -> None:
    """Refuse what `write` would refuse after all the work: a file that already exists.

    Raises:
        SavepointThere: there is one, and nothing allows for writing over it.

    """
    if not overwrite and os.path.lexists(file):
        raise SavepointThere(f"{file} already exists, and was left as it is")


def write(file: Path, manifest: Manifest, entries: Iterable[dict[str, Any]], overwrite: bool = False) -> None:
    """Write a savepoint to `file`. An exception out of `entries` leaves `file` as it was.

    Raises:
        SavepointThere: there is a file already, and `overwrite` does not allow for it.
        SavepointUnwritten: it cannot be written, or two write it at once.

    """
    check_free(file, overwrite)
    try:
        with whole_file(file, replace=overwrite) as opened:
            said = json.dumps(asdict(manifest))
            fastavro.writer(opened, ENTRY, _sealed(said, entries), codec="deflate", metadata={MANIFEST: said})
    except Overtaken:
        raise SavepointUnwritten(
            f"another command began to write {file} meanwhile, and this one gave way: nothing of it was "
            "written. Run it again once the other is done"
        ) from None
    except FileExistsError:
        raise SavepointThere(f"{file} was put there meanwhile, and was left as it is") from None
    except OSError as error:
        raise SavepointUnwritten(f"cannot write {file} ({error.strerror}); nothing was written") from None


def entry_of(record: Message) -> dict[str, Any]:
    """Return `record` as a savepoint holds it."""
    return {
        "topic": record.topic(),
        "partition": record.partition(),
        "offset": record.offset(),
        "timestamp_ms": record.timestamp()[1],
        "key": record.key(),
        "value": record.value(),
        "headers": [{"name": header[0], "value": header[1]} for header in record.headers() or ()],
    }


def check(file: Path) -> Manifest:
    """Read `file` to its end and give its manifest.

    Raises:
        SavepointDamaged: the file is no savepoint, or not the whole of one.

    """
    with _opened(file) as opened:
        said = _reader(file, opened).metadata[MANIFEST]
    manifest = _manifest(file, said)
    places = manifest.partitions
    for entry in read_entries(file):
        if not 0 <= entry["partition"] < places.get(entry["topic"], 0) or entry["offset"] < STOOD_NOWHERE:
            raise SavepointDamaged(f"{file} holds a record of a topic or partition that it does not name")
    return manifest


def read_entries(file: Path) -> Iterator[dict[str, Any]]:
    """Yield every entry of `file` but the last, which is the proof that all are there.

    Raises:
        SavepointDamaged: see `check`.

    """
    proof: bytes | None = None
    try:
        with _opened(file) as opened:
            reader = _reader(file, opened)
            digest = hashlib.sha256(reader.metadata[MANIFEST].encode())
            for entry in reader:
                if not entry["topic"] and proof is None:
                    proof = entry["value"]
                else:
                    digest.update(_bytes_of(entry))
                    yield entry
    except SavepointDamaged:
        raise
    except Exception as error:  # a damaged container raises whatever its reader trips over
        raise SavepointDamaged(f"{file} is damaged, or no savepoint ({type(error).__name__})") from None
    if proof != digest.digest():
        raise SavepointDamaged(f"{file} is not the whole savepoint, or was changed. Take another copy of it")


def _opened(file: Path) -> BufferedReader:
    try:
        return file.open("rb")
    except OSError as error:
        raise SavepointDamaged(f"cannot read {file} ({error.strerror})") from None


def _reader(file: Path, opened: BufferedReader) -> Any:
    try:
        reader: Any = fastavro.reader(opened)
    except Exception as error:  # a damaged container raises whatever its reader trips over
        raise SavepointDamaged(f"{file} is damaged, or no savepoint ({type(error).__name__})") from None
    # By another schema, which anybody can put into a file, reading it may cost more than memory.
    if MANIFEST not in reader.metadata or fastavro.parse_schema(reader.writer_schema) != ENTRY:
        raise SavepointDamaged(f"{file} is no savepoint of Eropaf")
    return reader


def _manifest(file: Path, said: str) -> Manifest:
    """Return what the file says of itself, once that can be so: anybody can seal a file of their own."""
    try:
        held = json.loads(said)
        version = held["version"]
        if version == SAVEPOINT_VERSION:
            manifest = Manifest(**held)
            _check_sane(manifest)
            return manifest
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise SavepointDamaged(f"{file} does not say what it holds ({type(error).__name__})") from None
    raise SavepointDamaged(f"{file} has version {str(version)[:20]}, this Eropaf reads {SAVEPOINT_VERSION}")


def _check_sane(manifest: Manifest) -> None:
    """Raise ValueError or TypeError where a manifest holds what no savepoint of ours does."""
    texts = (manifest.cluster, manifest.group, manifest.taken_at, *manifest.partitions, *manifest.offsets)
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a text that is none")
    numbers = [*manifest.partitions.values(), *(each for row in manifest.offsets.values() for each in row)]
    if not all(type(number) is int and 0 <= number < LARGEST for number in numbers):
        raise ValueError("a number that is none of Kafka's")
    if any(len(row) != manifest.partitions.get(topic) for topic, row in manifest.offsets.items()):
        raise ValueError("another number of offsets than of partitions")


def _sealed(manifest: str, entries: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    digest = hashlib.sha256(manifest.encode())
    for entry in entries:
        digest.update(_bytes_of(entry))
        yield entry
    yield {
        "topic": "", "partition": 0, "offset": 0, "timestamp_ms": 0, "key": None, "value": digest.digest(),
        "headers": [],
    }  # fmt: skip


def _bytes_of(entry: dict[str, Any]) -> bytes:
    body = BytesIO()
    fastavro.schemaless_writer(body, ENTRY, entry)
    return body.getvalue()
