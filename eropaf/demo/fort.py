"""The demo's secured cluster: three brokers, TLS, a password and rights for each role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eropaf.agents import access, roles
from eropaf.agents.topology import stages, table, topics
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.certificates import write_private
from eropaf.deploy.embedded.security import ADMIN, MECHANISM, Security
from eropaf.settings import Settings
from eropaf.settings.environment import SECRETS_DIR
from eropaf.streams.operate import acls
from eropaf.streams.operate.topics import admin, ensure

BROKERS = 3


class Fort:
    """A secured cluster, and each role's credentials. Stores secrets in `folder`."""

    def __init__(self, folder: Path) -> None:
        plain = Settings()
        everybody = access.roles(table(plain.group, plain.creditors))
        self._folder = folder
        self._security = Security(folder / "certificates", everybody)
        for role in everybody:
            (folder / role).mkdir(mode=0o700)
            password = self._security.passwords[role].encode()
            write_private(folder / role / "eropaf_kafka_password", password)

    def kafka(self) -> EmbeddedKafka:
        """Return the cluster, not started yet."""
        return EmbeddedKafka(BROKERS, security=self._security)

    def open(self, settings: Settings) -> None:
        """Grant the roles their rights, as the administrator; create the topics, as the operator."""
        administrator = admin(settings.bootstrap, self.client(ADMIN))
        acls.apply(administrator, access.grants(table(settings.group, settings.creditors), settings.group))
        operator = admin(settings.bootstrap, self.client(roles.OPERATOR))
        flow = stages(settings.group, settings.creditors, settings.registry())
        ensure(operator, topics(settings.group, flow, settings.partitions))

    def client(self, role: str) -> dict[str, str]:
        """Return the settings with which a Kafka client of `role` connects."""
        return self._security.client(role)

    def settings(self, role: str) -> dict[str, Any]:
        """Return the settings with which a command of ours connects as `role`."""
        return {
            "kafka_tls": True,
            "kafka_ca_file": self._security.authority.trusted,
            "kafka_sasl": MECHANISM,
            "kafka_username": role,
            "kafka_password": self._security.passwords[role],
        }

    def environment(self, role: str) -> dict[str, str]:
        """Return the same for a process: the password is in a file, and not in its environment."""
        given = self.settings(role)
        del given["kafka_password"]
        named = {f"EROPAF_{name.upper()}": str(value) for name, value in given.items()}
        return {**named, SECRETS_DIR: str(self._folder / role)}
