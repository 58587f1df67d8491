"""Sources of settings: the environment, and a folder of secrets."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
)

SECRETS_DIR = "EROPAF_SECRETS_DIR"
SERVICE_LINK = re.compile(r"(tcp|udp|sctp)://\S+:[0-9]+")


class SettingsError(Exception):
    """A setting is missing or wrong; the message names the variable."""


class WithoutServiceLinks(EnvSettingsSource):
    """The environment, without the variables that Kubernetes adds by itself.

    For a service `eropaf-board` it puts EROPAF_BOARD_PORT=tcp://10.0.0.7:8080 into every pod of the namespace
    (`enableServiceLinks`), under the name of a setting of ours, and meaning something else.
    """

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return a setting from the environment, unless it is a service link."""
        value, key, is_complex = super().get_field_value(field, field_name)
        if isinstance(value, str) and SERVICE_LINK.fullmatch(value):
            value = None
        return value, key, is_complex


def sources(settings: type[BaseSettings]) -> tuple[PydanticBaseSettingsSource, ...]:
    """Return the sources of `settings`, the environment first.

    Raises:
        SettingsError: the folder of secrets does not exist.

    """
    environment = WithoutServiceLinks(settings)
    folder = os.environ.get(SECRETS_DIR, "").strip()
    if not folder:
        return (environment,)
    if not Path(folder).is_dir():
        raise SettingsError(f"{SECRETS_DIR}: folder {folder} does not exist")
    return environment, SecretsSettingsSource(settings, folder)
