"""How a file that a creditor delivers is to be read: by whose policy, and with which secret."""

from __future__ import annotations

from eropaf.settings import Settings
from eropaf_client.files.filed import Asked


def asked(settings: Settings, encoding: str | None = None) -> Asked:
    """Return what is asked of a file; `encoding` where its bytes do not tell."""
    secret = settings.household_secret
    return Asked(
        encoding,
        settings.read_policy().municipality,
        settings.test_numbers,
        None if secret is None else secret.get_secret_value().encode(),
    )
