"""To which municipalities signals are forwarded, and who we are there: one file, checked as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from eropaf.lookup.service import Credentials
from eropaf.serving.tables import read_tables
from eropaf_client.schemas.errors import ClientError
from eropaf_client.schemas.http_registry import in_the_clear

CODE = "^[0-9]{4}$"
Text = Annotated[str, Field(min_length=1, max_length=500)]


class MunicipalitiesRefused(ClientError):
    """The file of municipalities cannot be used: signals would go to somebody else, or nowhere."""

    code = "municipalities-refused"


class Municipality(BaseModel):
    """One municipality: its code in the register of persons, its gateway, and who we are there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(pattern=CODE)
    gateway: Text
    token_url: Text | None = None
    client_id: Text | None = None
    client_secret_file: Path | None = None
    scope: Text | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    ca_file: Path | None = None

    @field_validator("gateway", "token_url")
    @classmethod
    def _by_https(cls, value: str | None) -> str | None:
        if value is None:
            return None
        found = urlsplit(value)
        if found.scheme not in ("http", "https") or not found.hostname or found.username:
            raise ValueError("is an address such as https://signalen.example.org")
        if in_the_clear(value):
            raise ValueError("a signal says who is in arrears: use https")
        return value

    @field_validator("client_secret_file", "certificate_file", "key_file", "ca_file")
    @classmethod
    def _there(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError(f"{value} is no file that can be read")
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if len({self.token_url is None, self.client_id is None, self.client_secret_file is None}) > 1:
            raise ValueError("`token_url`, `client_id` and `client_secret_file` go together")
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("`certificate_file` and `key_file` go together")
        if self.token_url is None and self.certificate_file is None:
            raise ValueError("says not who we are there: name a client for tokens, or a certificate")
        return self

    def known_as(self) -> Credentials:
        """Return who we are there; the secret is read now."""
        secret = self.client_secret_file
        return Credentials(
            token_address=self.token_url,
            client_id=self.client_id,
            client_secret=None if secret is None else secret.read_text("utf-8").strip(),
            scope=self.scope,
            certificate_file=self.certificate_file,
            key_file=self.key_file,
            ca_file=self.ca_file,
        )


def read_municipalities(path: Path, own: str) -> Mapping[str, Municipality]:
    """Read `[[municipality]]` tables of TOML, by their codes; `own` is ours.

    Raises:
        MunicipalitiesRefused: it cannot be read, or is not right as a whole.

    """
    found: dict[str, Municipality] = {}
    tables = read_tables(path, "municipality", Municipality, MunicipalitiesRefused)
    for number, made in enumerate(tables, 1):
        if made.code == own:
            raise MunicipalitiesRefused(f"{path}, municipality {number}: {own} is our own code")
        if found.setdefault(made.code, made) is not made:
            raise MunicipalitiesRefused(f"{path}, municipality {number}: {made.code} is listed twice")
    return found
