"""What more than one setting must be."""

from __future__ import annotations

import json
import ssl
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator


def split(value: object) -> object:
    """Return the parts of a text that commas separate; what is no text as it is."""
    return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value


def from_json(value: object) -> object:
    """Return what a text holds as JSON; what is no text as it is.

    Raises:
        ValueError: it is no JSON.

    """
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError(f"not JSON ({error})") from None


def there(value: Path | None) -> Path | None:
    """Return a file that is there.

    Raises:
        ValueError: it is not.

    """
    if value is not None and not value.is_file():
        raise ValueError(f"file {value} does not exist")
    return value


def _authorities(value: Path) -> Path:
    """Return a file of certificates that a TLS client can trust.

    Raises:
        ValueError: it is not there, may not be read, or holds none.

    """
    there(value)
    # Nothing but this file: a default context opens the file of SSLKEYLOGFILE as well.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(value)
    except ssl.SSLError:
        raise ValueError(f"file {value} holds no certificate in PEM") from None
    except OSError as error:
        raise ValueError(f"file {value} cannot be read ({error.strerror})") from None
    if not context.cert_store_stats()["x509"]:  # a list of revoked ones alone
        raise ValueError(f"file {value} holds no certificate in PEM")
    return value


def pair(certificate: Path | None, key: Path | None, password: str = "") -> None:
    """Do nothing where both are there and belong together, or neither is given.

    Raises:
        ValueError: one cannot be read, is no PEM, wants another password, or they do not belong together.

    """
    if certificate is None or key is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password)
    except ssl.SSLError as error:
        other = error.reason == "KEY_VALUES_MISMATCH"
        why = "the key is another certificate's" if other else "no PEM, or sealed by another password"
        raise ValueError(f"files {certificate} and {key} are no certificate and its key ({why})") from None
    except OSError as error:
        raise ValueError(f"files {certificate} and {key} cannot be read ({error.strerror})") from None


Authorities = Annotated[Path, AfterValidator(_authorities)]


def networks(value: tuple[str, ...]) -> tuple[str, ...]:
    """Return addresses and networks.

    Raises:
        ValueError: one of them is neither.

    """
    for each in value:
        try:
            ip_network(each)
        except ValueError:
            raise ValueError(f"{each!r} is neither an address nor a network such as 10.0.0.0/8") from None
    return value
