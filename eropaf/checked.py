"""What more than one setting must be."""

from __future__ import annotations

import ssl
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator


def split(value: object) -> object:
    """Return the parts of a text that commas separate; what is no text as it is."""
    return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value


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
    try:
        ssl.create_default_context(cafile=value)
    except ssl.SSLError:
        raise ValueError(f"file {value} holds no certificate in PEM") from None
    except OSError as error:
        raise ValueError(f"file {value} cannot be read ({error.strerror})") from None
    return value


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
