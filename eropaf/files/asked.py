"""How a file that a creditor delivers is to be read: by whose policy, and with which secret."""

from __future__ import annotations

from eropaf.cluster.policy_held import in_force
from eropaf.settings import Settings
from eropaf_client.files.filed import Asked


def asked(settings: Settings, encoding: str | None = None) -> Asked:
    """Return what is asked of a file; `encoding` where its bytes do not tell.

    Of a file of the national model the signals of the municipality are taken whose policy is in force when it
    is read: a broker says which, once the file has no faults.
    """
    secret = settings.household_secret
    return Asked(
        encoding,
        lambda: in_force(settings).municipality,
        settings.test_numbers,
        None if secret is None else secret.get_secret_value().encode(),
    )
