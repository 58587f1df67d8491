"""Certificates of a cluster's own authority, in the formats that Kafka and its clients read."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography.hazmat.primitives import serialization

from eropaf.deploy.embedded.ports import HOST


@dataclass(frozen=True, slots=True)
class Identity:
    """One name's certificate and private key, each in its own file and both in a third."""

    certificate: Path
    key: Path
    both: Path


class Authority:
    """Signs certificates for the brokers and the clients of one cluster."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ca = trustme.CA()
        folder.mkdir(parents=True, exist_ok=True)
        self._ca.cert_pem.write_to_path(str(self.trusted))

    @property
    def trusted(self) -> Path:
        """Return the file with the authority's certificate, which both sides trust."""
        return self._folder / "ca.pem"

    def issue(self, name: str) -> Identity:
        """Issue a new certificate to `name`, valid on this machine's loopback address.

        Its subject is always the same: Kafka rejects a renewed certificate with another one.
        """
        issued = self._ca.issue_cert(
            HOST, common_name=name, organization_name="Eropaf", organization_unit_name="embedded Kafka"
        )
        chain = b"".join(part.bytes() for part in issued.cert_chain_pems)
        # Java reads PKCS #8 only.
        key = serialization.load_pem_private_key(issued.private_key_pem.bytes(), None).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        made = Identity(*(self._folder / f"{name}{kind}" for kind in (".crt", ".key", ".pem")))
        for path, content in ((made.certificate, chain), (made.key, key), (made.both, key + chain)):
            write_private(path, content)
        return made


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, replacing an existing one atomically."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    part.replace(path)
