"""A cluster with TLS only, named clients, and ACLs.

By default a client authenticates with a password (SCRAM-SHA-512), with `mutual_tls` by its certificate. There
is no default rule: whatever no ACL allows is refused, except for `admin`.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from eropaf.deploy.embedded.certificates import Authority

ADMIN = "admin"
BROKER = "broker"
MECHANISM = "SCRAM-SHA-512"
SCRAM_ITERATIONS = 4096
ACCESS_CHANGED_WITHIN_S = 60.0

# A certificate's common name is the principal's name.
NAME_OF_CERTIFICATE = "RULE:^.*CN=([^,]+).*$/$1/,DEFAULT"


class Security:
    """Who may connect to an embedded cluster, and with what.

    Keeps certificates and passwords in `folder`, readable by its owner only.

        security = Security(folder, ["worker", "creditor-rent"])
        with EmbeddedKafka(security=security) as kafka:
            Producer({"bootstrap.servers": kafka.bootstrap, **security.client("creditor-rent")})
    """

    def __init__(self, folder: Path, names: Iterable[str], *, mutual_tls: bool = False) -> None:
        self.mutual_tls = mutual_tls
        self.passwords = {name: secrets.token_hex(24) for name in (ADMIN, *names)}
        self.authority = Authority(folder)
        self._identities = {name: self.authority.issue(name) for name in (BROKER, *self.passwords)}

    @property
    def protocol(self) -> str:
        """Return Kafka's name for the clients' security protocol."""
        return "SSL" if self.mutual_tls else "SASL_SSL"

    def properties(self) -> dict[str, str]:
        """Return each node's security settings."""
        common = {
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self._identities[BROKER].both),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.authority.trusted),
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found": "false",
            "super.users": f"User:{ADMIN};User:{BROKER}",
        }
        return common | (self._by_certificate() if self.mutual_tls else self._by_password())

    def format_arguments(self) -> tuple[str, ...]:
        """Return the storage tool's arguments: the brokers' own user must exist at the first start."""
        if self.mutual_tls:
            return ()
        return ("--add-scram", f"{MECHANISM}=[name={ADMIN},password={self.passwords[ADMIN]}]")

    def client(self, name: str) -> dict[str, str]:
        """Return the settings, by librdkafka's names, with which `name` connects."""
        settings = {"security.protocol": self.protocol, "ssl.ca.location": str(self.authority.trusted)}
        if self.mutual_tls:
            own = self._identities[name]
            return settings | {
                "ssl.certificate.location": str(own.certificate),
                "ssl.key.location": str(own.key),
            }
        return settings | {
            "sasl.mechanism": MECHANISM,
            "sasl.username": name,
            "sasl.password": self.passwords[name],
        }

    def create_users(self, bootstrap: str) -> None:
        """Set the users' passwords on a running cluster."""
        if self.mutual_tls:
            return
        set_passwords(self._administrator(bootstrap), self.passwords)

    def renew_brokers_certificate(self, bootstrap: str, nodes: int) -> None:
        """Replace the brokers' certificate while they run; open connections keep the old one."""
        self._identities[BROKER] = self.authority.issue(BROKER)
        reload_keystore(
            self._administrator(bootstrap), range(1, nodes + 1), self.protocol, self._identities[BROKER].both
        )

    def _administrator(self, bootstrap: str) -> AdminClient:
        # What librdkafka says to a terminal of its own stands between the lines that people read.
        return AdminClient({**self.client(ADMIN), "bootstrap.servers": bootstrap, "log_level": 0})

    def _by_password(self) -> dict[str, str]:
        login = f'username="{ADMIN}" password="{self.passwords[ADMIN]}"'
        module = "org.apache.kafka.common.security"
        return {
            "sasl.enabled.mechanisms": MECHANISM,
            "sasl.mechanism.inter.broker.protocol": MECHANISM,
            f"listener.name.sasl_ssl.{MECHANISM.lower()}.sasl.jaas.config": (
                f"{module}.scram.ScramLoginModule required {login};"
            ),
            # Controllers connect before there is a log that could hold SCRAM passwords.
            "sasl.mechanism.controller.protocol": "PLAIN",
            "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
            "listener.name.controller.plain.sasl.jaas.config": (
                f'{module}.plain.PlainLoginModule required {login} user_{ADMIN}="{self.passwords[ADMIN]}";'
            ),
        }

    def _by_certificate(self) -> dict[str, str]:
        return {"ssl.client.auth": "required", "ssl.principal.mapping.rules": NAME_OF_CERTIFICATE}


def set_passwords(admin: AdminClient, passwords: Mapping[str, str]) -> None:
    """Set users' passwords. Open connections stay open; new ones need the new password."""
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, SCRAM_ITERATIONS)
    answers = admin.alter_user_scram_credentials(
        [
            UserScramCredentialUpsertion(name, info, password.encode(), secrets.token_bytes(32))
            for name, password in passwords.items()
        ]
    )
    for answer in answers.values():
        answer.result(ACCESS_CHANGED_WITHIN_S)


def reload_keystore(admin: AdminClient, nodes: Iterable[int], listener: str, keystore: Path) -> None:
    """Have brokers reload their certificate, even if its path is unchanged."""
    name = f"listener.name.{listener.lower()}.ssl.keystore.location"
    entry = ConfigEntry(name, str(keystore), incremental_operation=AlterConfigOpType.SET)
    for node in nodes:
        resource = ConfigResource(ResourceType.BROKER, str(node), incremental_configs=[entry])
        for answer in admin.incremental_alter_configs([resource]).values():
            answer.result(ACCESS_CHANGED_WITHIN_S)
