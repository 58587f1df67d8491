"""Certificates of callers, made for a test."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Shown:
    """One certificate, in each form in which it is shown."""

    fingerprint: str
    subject: str
    pem: str
    header: str
    thumbprint: str


class Identities:
    """Makes certificates by name, each once."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str | None, float], Shown] = {}

    def of(self, name: str, oin: str | None = None, lasts_s: float = 86_400) -> Shown:
        """Return the certificate of `name`, which is valid for so long from now on; below 0: it was."""
        asked = (name, oin, lasts_s)
        if asked not in self._made:
            self._made[asked] = _made(name, oin, lasts_s)
        return self._made[asked]


def _made(name: str, oin: str | None, lasts_s: float) -> Shown:
    key = ec.generate_private_key(ec.SECP256R1())
    parts = [
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Tests"),
        x509.NameAttribute(NameOID.COMMON_NAME, name),
    ]
    if oin is not None:
        parts.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, oin))
    subject, now = x509.Name(parts), datetime.now(UTC)
    ends = now + timedelta(seconds=lasts_s)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    digest = made.fingerprint(hashes.SHA256())
    der = base64.b64encode(made.public_bytes(serialization.Encoding.DER)).decode()
    return Shown(
        digest.hex(),
        subject.rfc4514_string(),
        made.public_bytes(serialization.Encoding.PEM).decode(),
        f":{der}:",
        base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
    )
