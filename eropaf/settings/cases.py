"""To whom accepted help is handed on: a case system by ZGW, or a receiver by webhook. Off unless set."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from eropaf.settings.checked import Authorities
from eropaf.settings.kafka import KafkaAccess, not_in_the_clear
from eropaf_client.schemas.bsn import is_bsn


class CasesAccess(KafkaAccess):
    """The settings of `eropaf cases`."""

    cases_zaken_api: str | None = Field(
        None,
        description="The Zaken API (ZGW 1.5) of the municipality's case system, as "
        "https://zaken.example.org/zaken/api/v1; without one, and without EROPAF_CASES_WEBHOOK, no cases.",
    )
    cases_client_id: str | None = Field(None, description="Who we are there.")
    cases_secret: SecretStr | None = Field(
        None, description="Signs our tokens there; with EROPAF_CASES_WEBHOOK its events, as `whsec_…`."
    )
    cases_rsin: str | None = Field(None, description="The municipality's RSIN: whose case it is.")
    cases_case_type: str | None = Field(
        None, description="Which case is made: the address of a `zaaktype` in the case system's catalogue."
    )
    cases_status_type: str | None = Field(
        None, description="Its first status: the address of a `statustype` there."
    )
    cases_webhook: str | None = Field(
        None, description="Instead of a case system: where accepted help is told as a signed CloudEvent."
    )
    cases_ca_file: Authorities | None = Field(
        None, description="PEM file of the authorities that may sign either; default: the system's."
    )
    cases_state_dir: Path | None = Field(
        None, description="Folder in which it stands what became of each acceptance."
    )

    @field_validator("cases_zaken_api", "cases_webhook")
    @classmethod
    def _cases_by_https(cls, value: str | None) -> str | None:
        return not_in_the_clear(value)

    @field_validator("cases_state_dir")
    @classmethod
    def _cases_folder(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError(f"folder {value} does not exist")
        return value

    @field_validator("cases_rsin")
    @classmethod
    def _cases_whose(cls, value: str | None) -> str | None:
        if value is not None and not is_bsn(value):  # one eleven test for both
            raise ValueError("no RSIN: nine digits of which the last checks the others")
        return value

    @model_validator(mode="after")
    def _cases_one_way(self) -> Self:
        if self.cases_zaken_api is not None and self.cases_webhook is not None:
            raise ValueError("EROPAF_CASES_ZAKEN_API and EROPAF_CASES_WEBHOOK: name one of them")
        return self
