"""Where signals on residents of other municipalities are forwarded. Off unless set."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator

from eropaf.settings.checked import there
from eropaf.settings.lookup import LookupAccess


class ForwardingAccess(LookupAccess):
    """The settings of `eropaf forwarding`, which goes by what the register of persons was asked."""

    forward_to: Path | None = Field(
        None,
        description="TOML file of the municipalities to which signals on their residents are forwarded, and "
        "who we are there; without one, none is.",
    )
    forward_ground: str | None = Field(
        None,
        description="On which ground signals are forwarded, as the log says it at each start, such as "
        '"Awb art. 2:3, agreed with Amstelveen on 1 January 2026".',
    )
    forward_state_dir: Path | None = Field(None, description="Folder in which it stands what was forwarded.")

    @field_validator("forward_to")
    @classmethod
    def _forward_file(cls, value: Path | None) -> Path | None:
        return there(value)

    @field_validator("forward_state_dir")
    @classmethod
    def _forward_folder(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError(f"folder {value} does not exist")
        return value
