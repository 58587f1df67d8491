"""How the processing log (Logboek Dataverwerkingen) is told. Off unless set."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr, field_validator

from eropaf.settings.checked import Authorities
from eropaf.settings.kafka import KafkaAccess, not_in_the_clear

SHORTEST_LOGBOEK_SECRET = 32


class LogboekAccess(KafkaAccess):
    """The settings of `eropaf logboek`."""

    logboek_address: str | None = Field(
        None,
        description="The processing log (Logboek Dataverwerkingen) as a collector, OTLP over HTTP, such as "
        "https://logboek.example.org:4318; without one, no log.",
    )
    logboek_token: SecretStr | None = Field(None, description="A bearer token that it asks for.")
    logboek_ca_file: Authorities | None = Field(
        None, description="PEM file of the authorities that may sign it; default: the system's."
    )
    logboek_register: str | None = Field(
        None,
        description="Address of the municipality's register of processing activities: each activity's id "
        "in a line begins with it.",
    )
    logboek_secret: SecretStr | None = Field(
        None,
        description="Makes the pseudonyms in the processing log, at least 32 characters; also for the desk, "
        "so that access says which they are. Not the household secret.",
    )
    logboek_state_dir: Path | None = Field(
        None, description="Folder in which it stands how far the processing log was told."
    )

    @field_validator("logboek_address")
    @classmethod
    def _logboek_by_https(cls, value: str | None) -> str | None:
        return not_in_the_clear(value)

    @field_validator("logboek_secret")
    @classmethod
    def _logboek_secret_long(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < SHORTEST_LOGBOEK_SECRET:
            raise ValueError(f"has fewer than {SHORTEST_LOGBOEK_SECRET} characters: it could be guessed")
        return value

    @field_validator("logboek_state_dir")
    @classmethod
    def _logboek_folder(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError(f"folder {value} does not exist")
        return value
