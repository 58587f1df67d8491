"""How a file that a creditor delivers is to be read: by whose policy, and with which secret."""

from __future__ import annotations

from eropaf.policy_held import in_force
from eropaf.settings import Settings
from eropaf_client.files.filed import Asked


def asked(settings: Settings, encoding: str | None = None, *, exchanged: bool = True) -> Asked:
    """Return what is asked of a file; `encoding` where its bytes do not tell.

    `exchanged`: it may be of the national model, of which the municipality of the policy in force is taken.
    """
    secret = settings.household_secret
    return Asked(
        encoding,
        in_force(settings).municipality if exchanged else None,
        settings.test_numbers,
        None if secret is None else secret.get_secret_value().encode(),
    )
