"""What more than one setting must be."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path


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
