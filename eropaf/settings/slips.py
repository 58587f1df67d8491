"""How contact slips are sealed and opened, and how the team's board asks the desk for them."""

from __future__ import annotations

import re
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from eropaf.settings.gateway import GatewayAccess

SHORTEST_TOKEN = 32
KEY = re.compile("[0-9a-f]{64}")


class SlipsAccess(GatewayAccess):
    """The settings of contact slips, which count while the policy in force has `[contact_slips]`."""

    slips_public_key: str | None = Field(
        None,
        pattern="^[0-9a-f]{64}$",
        description="Contact slips are sealed to it, by the gateway; `eropaf auditors keys` draws a pair. "
        "Creditors with a program of their own are given it. Not the auditors' own.",
    )
    slips_private_key: SecretStr | None = Field(
        None,
        description="Opens contact slips; for the desk alone. While keys change, the new and the old one, "
        "separated by a comma, for 62 days.",
    )
    slips_token: SecretStr | None = Field(
        None,
        description="With it the team's board asks the desk at EROPAF_DESK_URL for contact slips; the same "
        "at both, at least 32 characters.",
    )

    @field_validator("slips_private_key")
    @classmethod
    def _slip_keys(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not all(map(KEY.fullmatch, _listed(value))):
            raise ValueError("a key has 64 hexadecimal digits; `eropaf auditors keys` draws a pair")
        return value

    @field_validator("slips_token")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < SHORTEST_TOKEN:
            raise ValueError(f"has fewer than {SHORTEST_TOKEN} characters: it could be guessed")
        return value

    @model_validator(mode="after")
    def _opened_by_whom(self) -> Self:
        if self.slips_private_key is not None and self.slips_token is None:
            raise ValueError(
                "EROPAF_SLIPS_PRIVATE_KEY needs EROPAF_SLIPS_TOKEN: nobody could ask for what it opens"
            )
        return self

    @property
    def slips_private_keys(self) -> tuple[str, ...]:
        """The keys that open contact slips, the newest first; none where none is set."""
        return () if self.slips_private_key is None else _listed(self.slips_private_key)


def _listed(keys: SecretStr) -> tuple[str, ...]:
    return tuple(part.strip() for part in keys.get_secret_value().split(","))
