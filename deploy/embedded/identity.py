"""A data directory's record of its cluster, so that it comes back as the same one."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from eropaf.deploy.embedded import ports
from eropaf.deploy.embedded.atomic import write_atomically
from eropaf.deploy.embedded.errors import DataDirMismatch
from eropaf.deploy.embedded.properties import Ports

FILE = "kafka.json"


@dataclass(frozen=True, slots=True)
class Identity:
    """A cluster: the version that wrote its data, its id, and its nodes' ports."""

    kafka: str
    cluster_id: str
    nodes: tuple[Ports, ...]

    @property
    def bootstrap(self) -> str:
        """Return the bootstrap servers."""
        return ",".join(f"{ports.HOST}:{node.broker}" for node in self.nodes)


def read(data_dir: Path) -> Identity | None:
    """Read the directory's cluster; None if there is none, or the file is somebody else's."""
    try:
        content = json.loads((data_dir / FILE).read_text("utf-8"))
        nodes = tuple(Ports(**node) for node in content["nodes"])
        return Identity(content["kafka"], content["cluster_id"], nodes)
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError, KeyError):
        return None


def write(data_dir: Path, identity: Identity) -> None:
    """Write the cluster to the directory."""
    write_atomically(data_dir / FILE, json.dumps(asdict(identity), indent=1) + "\n")


def new(kafka: str, nodes: int) -> Identity:
    """Return a new cluster, on free ports."""
    return Identity(kafka, new_id(), _free_ports(nodes))


def take(data_dir: Path, kafka: str, nodes: int) -> Identity:
    """Return the directory's cluster, or a new one, on its old ports if they are free.

    Raises:
        DataDirMismatch: its data has another version, or another number of nodes.

    """
    known = read(data_dir)
    if known is None:
        return new(kafka, nodes)
    if (known.kafka, len(known.nodes)) != (kafka, nodes):
        raise DataDirMismatch(
            f"{data_dir} holds a Kafka {known.kafka} of {len(known.nodes)} node(s); Kafka {kafka} with "
            f"{nodes} was asked for. Use another directory, or delete this one if its data may go."
        )
    if all(ports.is_free(port) for node in known.nodes for port in (node.broker, node.controller)):
        return known
    return replace(known, nodes=_free_ports(nodes))


def new_id() -> str:
    """Return a random id in Kafka's notation that works on a command line: it does not start with a dash."""
    while (id_ := as_id(uuid.uuid4())).startswith("-"):
        pass
    return id_


def as_id(number: uuid.UUID) -> str:
    """Encode a number as Kafka encodes ids."""
    return base64.urlsafe_b64encode(number.bytes).decode().rstrip("=")


def _free_ports(nodes: int) -> tuple[Ports, ...]:
    free = ports.choose(2 * nodes)
    return tuple(Ports(*pair) for pair in zip(free[:nodes], free[nodes:], strict=True))
