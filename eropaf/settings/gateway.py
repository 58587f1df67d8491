"""How the gateway is reached, and whom it lets in."""

from __future__ import annotations

import stat
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, PositiveInt, field_validator, model_validator
from pydantic_settings import NoDecode

from eropaf.settings.checked import Authorities, networks, pair, split, there
from eropaf.settings.kafka import KafkaAccess, not_in_the_clear

# From where every process of this host connects, whoever runs it.
LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1"))


class GatewayAccess(KafkaAccess):
    """The settings of the gateway."""

    gateway_host: str = Field("127.0.0.1", description="Address on which the gateway listens.")
    gateway_port: PositiveInt = Field(8090, description="Port on which the gateway listens.")
    gateway_socket: Path | None = Field(
        None,
        description="Unix socket on which the gateway listens instead, for a proxy of this host, whose word "
        "on a caller's certificate is taken: nobody but the proxy's group may enter the folder.",
    )
    gateway_metrics_port: PositiveInt | None = Field(
        None,
        description="Port on which the gateway serves metrics, at EROPAF_METRICS_HOST; without one, none.",
    )
    gateway_address: str | None = Field(
        None,
        description="How callers reach the gateway, as https://eropaf.example.org; default: host and port.",
    )
    gateway_callers: Path | None = Field(
        None,
        description="TOML file of who may come in and by which credential (docs/reference/gateway.md); "
        "without one, nobody.",
    )
    gateway_openid_issuer: str | None = Field(
        None, description="Whose tokens count (OAuth 2.0 client credentials); without one, none do."
    )
    gateway_audience: str | None = Field(
        None, description="For whom a token must be made (`aud`); default: the gateway's address."
    )
    gateway_openid_ca_file: Authorities | None = Field(
        None, description="PEM file of the authorities that may sign that issuer; default: the system's."
    )
    gateway_certificate_file: Path | None = Field(
        None, description="PEM file of the gateway's own certificate; without one, a proxy speaks TLS for it."
    )
    gateway_key_file: Path | None = Field(
        None, description="PEM file of the private key of that certificate."
    )
    gateway_client_ca_file: Authorities | None = Field(
        None,
        description="PEM file of the authorities that may sign callers' certificates, such as PKIoverheid's; "
        "without one, none is asked for.",
    )
    gateway_trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Proxies on other hosts before the gateway, addresses or networks, separated by commas: "
        "their word on a caller's certificate (the header Client-Cert) is taken, nobody else's.",
    )

    webhook_source: str | None = Field(
        None,
        pattern=r"^urn:[a-z0-9][a-z0-9-]{0,31}:\S+$",
        description="Whose events webhooks send, as urn:nld:oin:00000001823288444000:systeem:eropaf.",
    )
    webhook_secrets: Path | None = Field(
        None,
        description="Folder with `<tool>.secret`, and `<tool>.token` if the tool asks for a bearer token.",
    )
    webhook_state_dir: Path | None = Field(
        None, description="Folder in which it stands how far each tool was told: the only copy."
    )
    webhook_ca_file: Authorities | None = Field(
        None, description="PEM file of the authorities that may sign tools; default: the system's."
    )

    @field_validator("gateway_trusted_proxies", mode="before")
    @classmethod
    def _proxies_split(cls, value: object) -> object:
        return split(value)

    @field_validator("gateway_trusted_proxies")
    @classmethod
    def _proxies(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in map(ip_network, networks(value)):
            if any(each.version == own.version and each.overlaps(own) for own in LOOPBACK):
                raise ValueError(
                    f"from {each} every process of this host connects, and could pass for any caller: "
                    "let its proxy connect to EROPAF_GATEWAY_SOCKET"
                )
        return value

    @field_validator("gateway_socket")
    @classmethod
    def _socket(cls, value: Path | None) -> Path | None:
        if value is not None and not value.parent.is_dir():
            raise ValueError(f"folder {value.parent} does not exist")
        if value is not None and value.parent.stat().st_mode & stat.S_IXOTH:
            raise ValueError(
                f"everybody on this host may enter {value.parent}, and could pass for any caller: "
                f"chmod o-rwx {value.parent}"
            )
        return value

    @field_validator("gateway_address", "gateway_openid_issuer")
    @classmethod
    def _by_https(cls, value: str | None) -> str | None:
        return not_in_the_clear(value)

    @field_validator("gateway_callers", "gateway_certificate_file", "gateway_key_file")
    @classmethod
    def _files(cls, value: Path | None) -> Path | None:
        return there(value)

    @field_validator("webhook_secrets", "webhook_state_dir")
    @classmethod
    def _folders(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError(f"folder {value} does not exist")
        return value

    @model_validator(mode="after")
    def _together(self) -> Self:
        if (self.gateway_certificate_file is None) != (self.gateway_key_file is None):
            raise ValueError("EROPAF_GATEWAY_CERTIFICATE_FILE and EROPAF_GATEWAY_KEY_FILE go together")
        pair(self.gateway_certificate_file, self.gateway_key_file)
        if self.gateway_client_ca_file is not None and self.gateway_certificate_file is None:
            raise ValueError("EROPAF_GATEWAY_CLIENT_CA_FILE needs EROPAF_GATEWAY_CERTIFICATE_FILE")
        if self.gateway_socket is not None and self.gateway_certificate_file is not None:
            raise ValueError("behind EROPAF_GATEWAY_SOCKET stands a proxy: it has the certificate")
        if self.gateway_socket is not None and self.gateway_address is None:
            raise ValueError(
                "EROPAF_GATEWAY_SOCKET needs EROPAF_GATEWAY_ADDRESS: where callers reach its proxy"
            )
        return self
