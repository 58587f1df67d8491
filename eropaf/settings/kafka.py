"""How this process connects and authenticates to Kafka."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode

from eropaf.settings.checked import Authorities, from_json, pair, there

# Passwords that the broker would be shown in the clear, or could try at leisure, go over TLS only.
OAUTHBEARER = "OAUTHBEARER"


def not_in_the_clear(url: str | None) -> str | None:
    """Return an address to which passwords, tokens or sessions are sent.

    Raises:
        ValueError: others could read them in transit.

    """
    # Here, as its client takes a tenth of a second of every start to import.
    if url is not None:
        from eropaf_client.schemas.http_registry import in_the_clear

        if in_the_clear(url):
            raise ValueError("passwords or sessions would cross the network in the clear: use https")
    return url


class KafkaAccess(BaseSettings):
    """The security settings of every Kafka client, and any other settings as given."""

    kafka_tls: bool = Field(False, description="Talk to Kafka over TLS.")
    kafka_ca_file: Authorities | None = Field(
        None, description="PEM file of the authorities that may sign brokers; without it, the system's."
    )
    kafka_certificate_file: Path | None = Field(
        None, description="PEM file of the client certificate, for mutual TLS."
    )
    kafka_key_file: Path | None = Field(None, description="PEM file of its private key.")
    kafka_key_password: SecretStr | None = Field(None, description="Opens the private key.")
    kafka_sasl: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN", "OAUTHBEARER"] | None = Field(
        None,
        description="Authentication mechanism: `SCRAM-SHA-512`, `SCRAM-SHA-256`, `PLAIN` or `OAUTHBEARER`.",
    )
    kafka_username: str | None = Field(None, description="User name; the client id under OAUTHBEARER.")
    kafka_password: SecretStr | None = Field(
        None, description="Password; the client secret under OAUTHBEARER."
    )
    kafka_oauth_url: str | None = Field(None, description="Token endpoint for OAUTHBEARER (OpenID Connect).")
    kafka_oauth_scope: str | None = Field(None, description="Scope to request the token for.")
    kafka_options: Annotated[dict[str, str], NoDecode] = Field(
        default_factory=dict,
        description="Other settings for every Kafka client as JSON, by librdkafka's names.",
    )

    @field_validator("kafka_options", mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        return from_json(value)

    @field_validator("kafka_oauth_url")
    @classmethod
    def _private(cls, value: str | None) -> str | None:
        return not_in_the_clear(value)

    @property
    def kafka_client(self) -> dict[str, str]:
        """Return the settings for every Kafka client, by librdkafka's names."""
        if not self.kafka_tls:
            return dict(self.kafka_options)
        files = {
            "ssl.ca.location": self.kafka_ca_file,
            "ssl.certificate.location": self.kafka_certificate_file,
            "ssl.key.location": self.kafka_key_file,
        }
        settings = {
            "security.protocol": "SASL_SSL" if self.kafka_sasl else "SSL",
            **{name: str(path) for name, path in files.items() if path is not None},
        }
        if self.kafka_key_password is not None:
            settings["ssl.key.password"] = self.kafka_key_password.get_secret_value()
        if self.kafka_sasl:
            settings |= self._sasl()
        return settings | self.kafka_options

    def _sasl(self) -> dict[str, str]:
        name, password = self.kafka_username or "", self.kafka_password
        secret = password.get_secret_value() if password else ""
        if self.kafka_sasl != OAUTHBEARER:
            return {
                "sasl.mechanism": str(self.kafka_sasl),
                "sasl.username": name,
                "sasl.password": secret,
            }
        asked = {
            "sasl.mechanism": OAUTHBEARER,
            "sasl.oauthbearer.method": "oidc",
            "sasl.oauthbearer.client.id": name,
            "sasl.oauthbearer.client.secret": secret,
            "sasl.oauthbearer.token.endpoint.url": self.kafka_oauth_url or "",
        }
        return asked | ({"sasl.oauthbearer.scope": self.kafka_oauth_scope} if self.kafka_oauth_scope else {})

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """Refuse a partial configuration: it would fail on connecting, or send a password in the clear."""
        files = (self.kafka_ca_file, self.kafka_certificate_file, self.kafka_key_file)
        if (any(files) or self.kafka_sasl) and not self.kafka_tls:
            raise ValueError("EROPAF_KAFKA_SASL and Kafka's certificate files need EROPAF_KAFKA_TLS=true")
        if (self.kafka_certificate_file is None) != (self.kafka_key_file is None):
            raise ValueError("EROPAF_KAFKA_CERTIFICATE_FILE and EROPAF_KAFKA_KEY_FILE go together")
        if self.kafka_sasl and not (self.kafka_username and self.kafka_password):
            raise ValueError("EROPAF_KAFKA_SASL needs EROPAF_KAFKA_USERNAME and EROPAF_KAFKA_PASSWORD")
        if self.kafka_sasl == OAUTHBEARER and not self.kafka_oauth_url:
            raise ValueError("OAUTHBEARER needs EROPAF_KAFKA_OAUTH_URL")
        for file in files:
            there(file)
        opens = "" if self.kafka_key_password is None else self.kafka_key_password.get_secret_value()
        pair(self.kafka_certificate_file, self.kafka_key_file, opens)
        return self
