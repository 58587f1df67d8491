"""How a resident's own page is reached, and whom the desk answers for it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, PositiveInt, SecretStr, field_validator
from pydantic_settings import NoDecode

from eropaf.board.config import Identity, ResidentsServed
from eropaf.settings.checked import Authorities, networks, split
from eropaf.settings.environment import SettingsError
from eropaf.settings.kafka import KafkaAccess, not_in_the_clear

SHORTEST_PAGE_SECRET = 32


class ResidentPageAccess(KafkaAccess):
    """The settings of a resident's own page."""

    resident_page_host: str = Field("127.0.0.1", description="Address on which a resident's page listens.")
    resident_page_port: PositiveInt = Field(8070, description="Port on which a resident's page listens.")
    resident_page_metrics_port: PositiveInt | None = Field(
        None,
        description="Port of a resident's page for metrics, at EROPAF_METRICS_HOST; without one, none.",
    )
    resident_page_address: str | None = Field(
        None,
        description="How browsers reach a resident's page, as https://mijn.example.org; default: host and "
        "port. The desk says it with each code.",
    )
    resident_page_trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Proxies before a resident's page, addresses or networks, separated by commas: their "
        "word on where a request comes from (X-Forwarded-For) is taken, nobody else's.",
    )
    resident_page_secret: SecretStr | None = Field(
        None,
        description="What a resident's page and the desk both know, at least 32 characters: the desk answers "
        "it alone, and without one nobody.",
    )
    resident_page_openid_issuer: str | None = Field(
        None,
        description="The municipality's broker for DigiD (OpenID Connect), for page and desk; without one, "
        "residents come in by a code alone.",
    )
    resident_page_openid_client_id: str = Field(
        "eropaf-resident-page", description="The page's client id at the broker; for page and desk."
    )
    resident_page_openid_client_secret: SecretStr | None = Field(
        None, description="The page's secret at the broker; for the page alone."
    )
    resident_page_openid_ca_file: Authorities | None = Field(
        None, description="PEM file of the authorities that may sign the broker; default: the system's."
    )
    resident_page_openid_bsn_claim: str = Field(
        "bsn", description="The claim of the ID token that holds the BSN; for the desk."
    )
    resident_page_openid_levels: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Levels of assurance (`acr`) that count, by the broker's names, separated by commas; for "
        "page and desk.",
    )

    @field_validator("resident_page_trusted_proxies", "resident_page_openid_levels", mode="before")
    @classmethod
    def _listed_for_residents(cls, value: object) -> object:
        return split(value)

    @field_validator("resident_page_trusted_proxies")
    @classmethod
    def _proxies_for_residents(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return networks(value)

    @field_validator("resident_page_address", "resident_page_openid_issuer")
    @classmethod
    def _private_for_residents(cls, value: str | None) -> str | None:
        return not_in_the_clear(value)

    @field_validator("resident_page_secret")
    @classmethod
    def _page_secret_long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < SHORTEST_PAGE_SECRET:
            raise ValueError(f"at least {SHORTEST_PAGE_SECRET} characters")
        return value

    def residents_served(self) -> ResidentsServed | None:
        """Return what the desk does for residents; None where no page is to ask it.

        Raises:
            SettingsError: a broker is named without the levels of assurance that count.

        """
        if self.resident_page_secret is None:
            return None
        return ResidentsServed(self.resident_page_secret.get_secret_value(), self._identity())

    def _identity(self) -> Identity | None:
        if self.resident_page_openid_issuer is None:
            return None
        if not self.resident_page_openid_levels:
            raise SettingsError(
                "EROPAF_RESIDENT_PAGE_OPENID_LEVELS is not set: say which levels of assurance of the broker "
                "count, or anybody it knows would be let in"
            )
        return Identity(
            self.resident_page_openid_issuer,
            self.resident_page_openid_client_id,
            self.resident_page_openid_bsn_claim,
            self.resident_page_openid_levels,
            self.resident_page_openid_ca_file,
        )
