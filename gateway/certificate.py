"""The certificate that a caller shows: to this server itself, or to a proxy whose word is taken."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address, ip_network
from urllib.parse import unquote_to_bytes

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID
from starlette.types import Scope

# RFC 9440, and what nginx calls $ssl_client_escaped_cert.
HEADER = b"client-cert"
PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.*-----END CERTIFICATE-----\s*", re.DOTALL)
# A chain of keys of 8,192 bits is smaller.
LARGEST_CERTIFICATE_BYTES = 32_768


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says that a caller is known by; `oin`: PKIoverheid's number of an organisation."""

    fingerprint: str
    subject: str
    oin: str | None
    begins: datetime = field(repr=False)
    ends: datetime = field(repr=False)
    thumbprint: str = field(repr=False)
    """The fingerprint as a token's `cnf` has it (RFC 8705: x5t#S256)."""

    def holds(self, at: datetime) -> bool:
        """Return whether it is valid at an instant."""
        return self.begins <= at <= self.ends


def read_certificate(data: bytes) -> Certificate | None:
    """Read a certificate, as PEM or DER; None where it is none."""
    if len(data) > LARGEST_CERTIFICATE_BYTES:
        return None
    try:
        found = (
            x509.load_pem_x509_certificate(data)
            if PEM.fullmatch(data)
            else x509.load_der_x509_certificate(data)
        )
        digest = found.fingerprint(hashes.SHA256())
        numbers = found.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
        return Certificate(
            fingerprint=digest.hex(),
            subject=found.subject.rfc4514_string(),
            oin=str(numbers[0].value) if len(numbers) == 1 else None,
            begins=found.not_valid_before_utc,
            ends=found.not_valid_after_utc,
            thumbprint=base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        )
    except Exception:  # whatever a hostile certificate makes its reader trip over: it is none
        return None


class Certificates:
    """Finds the certificate of a request's caller; `by_socket`: over a socket that is the proxy's alone."""

    def __init__(self, trusted_proxies: Sequence[str], *, by_socket: bool = False) -> None:
        self._proxies, self._by_socket = [ip_network(each) for each in trusted_proxies], by_socket

    def of(self, scope: Scope) -> Certificate | None:
        """Return what the caller showed.

        A proxy's header counts only if one of our proxies connects, and takes precedence over a
        certificate that the proxy itself shows. Two headers count as none.
        """
        if self._is_proxy(scope):
            said = [value for name, value in scope["headers"] if name == HEADER]
            if said:
                return _in_header(said[0]) if len(said) == 1 else None
        chain = scope.get("extensions", {}).get("tls", {}).get("client_cert_chain") or ()
        return read_certificate(chain[0].encode()) if chain else None

    def _is_proxy(self, scope: Scope) -> bool:
        if self._by_socket:
            return True
        try:
            from_ = ip_address((scope.get("client") or ("",))[0])
        except ValueError:
            return False
        mapped = getattr(from_, "ipv4_mapped", None)
        return any((mapped or from_) in network for network in self._proxies)


def _in_header(value: bytes) -> Certificate | None:
    if value.startswith(b":") and value.endswith(b":"):
        try:
            return read_certificate(base64.b64decode(value[1:-1], validate=True))
        except binascii.Error:
            return None
    return read_certificate(unquote_to_bytes(value))
