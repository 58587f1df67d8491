"""How the national register of persons (BRP) is asked who is where. Off unless set."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, PositiveFloat, PositiveInt, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from eropaf.settings.checked import Authorities, from_json, there
from eropaf.settings.kafka import KafkaAccess, not_in_the_clear

HEADER = re.compile("[A-Za-z0-9-]+")


class LookupAccess(KafkaAccess):
    """The settings of `eropaf residents look-up`."""

    brp_api: str | None = Field(
        None,
        description="The BRP Personen API (Haal Centraal, 2.x) as the municipality reaches it, such as "
        "https://gateway.example.org/haalcentraal/api/brp; without one, the register is a file alone.",
    )
    brp_municipality: str | None = Field(
        None,
        pattern="^[0-9]{4}$",
        description="The municipality's own code in the register: who lives there.",
    )
    brp_ground: str | None = Field(
        None,
        description="On which ground it is asked, as the log says it at each start: the authorisation "
        "decree, or the municipality's own by-law (Wet BRP art. 3.2, 3.8).",
    )
    brp_api_key: SecretStr | None = Field(None, description="The key that its gateway asks for (X-API-KEY).")
    brp_token_url: str | None = Field(
        None, description="Where a token is drawn (OAuth 2, client credentials); without one, none is."
    )
    brp_client_id: str | None = Field(None, description="Who we are there.")
    brp_client_secret: SecretStr | None = Field(None, description="Our secret there.")
    brp_scope: str | None = Field(None, description="Scope to ask the token for.")
    brp_headers: Annotated[dict[str, str], NoDecode] = Field(
        default_factory=dict,
        description="Headers for the gateway's log as JSON, such as "
        '{"x-doelbinding": "…", "x-verwerking": "…", "x-gebruiker": "…", "x-origin-oin": "…"}.',
    )
    brp_certificate_file: Path | None = Field(
        None, description="PEM file of our certificate there (PKIoverheid), for mutual TLS."
    )
    brp_key_file: Path | None = Field(None, description="PEM file of its private key.")
    brp_ca_file: Authorities | None = Field(
        None, description="PEM file of the authorities that may sign it; default: the system's."
    )
    brp_fresh_hours: PositiveFloat = Field(
        24.0, description="Hours for which an entry holds: a signal after that asks again where somebody is."
    )
    brp_per_minute: PositiveInt = Field(
        30, description="The most questions in a minute; each is for up to twenty numbers."
    )

    @field_validator("brp_api", "brp_token_url")
    @classmethod
    def _brp_by_https(cls, value: str | None) -> str | None:
        return not_in_the_clear(value)

    @field_validator("brp_headers", mode="before")
    @classmethod
    def _brp_headers_read(cls, value: object) -> object:
        return from_json(value)

    @field_validator("brp_headers")
    @classmethod
    def _brp_headers_are(cls, value: dict[str, str]) -> dict[str, str]:
        wrong = [name for name, said in value.items() if not (HEADER.fullmatch(name) and said.isprintable())]
        if wrong:
            raise ValueError(f"{', '.join(map(repr, wrong))}: no header of HTTP")
        return value

    @field_validator("brp_certificate_file", "brp_key_file")
    @classmethod
    def _brp_files(cls, value: Path | None) -> Path | None:
        return there(value)

    @model_validator(mode="after")
    def _brp_whole(self) -> Self:
        if (self.brp_certificate_file is None) != (self.brp_key_file is None):
            raise ValueError("EROPAF_BRP_CERTIFICATE_FILE and EROPAF_BRP_KEY_FILE go together")
        if self.brp_token_url is not None and None in (self.brp_client_id, self.brp_client_secret):
            raise ValueError("EROPAF_BRP_TOKEN_URL needs EROPAF_BRP_CLIENT_ID and EROPAF_BRP_CLIENT_SECRET")
        return self
