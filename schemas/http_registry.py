"""A schema registry over HTTP that speaks Confluent's API."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Callable, TypeVar
from urllib.parse import urlsplit

from confluent_kafka.schema_registry import Schema as RegistrySchema
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

from eropaf_client.schemas.catalogue import Schema
from eropaf_client.schemas.errors import (
    PasswordInTheClear,
    RegistryUnavailable,
    SchemaNotRegistered,
    SchemaUnknown,
)

Answer = TypeVar("Answer")

LOOPBACK = ("127.0.0.1", "::1", "localhost")
# Confluent's API: subject, version or schema not found.
NOT_FOUND = 404


class HttpRegistry:
    """Ids and writers' schemas from a registry; each is asked for once and then remembered."""

    def __init__(self, url: str, user_info: str | None = None, ca_file: Path | None = None) -> None:
        """Give `user_info` as user:password, and `ca_file` as the authorities that may sign the registry.

        Raises:
            PasswordInTheClear: a password would go over plain HTTP to another machine.
        """
        conf = {"url": url}
        if user_info:
            for each in url.split(","):
                _refuse_in_the_clear(each)
            conf["basic.auth.user.info"] = user_info
        if ca_file is not None:
            conf["ssl.ca.location"] = str(ca_file)
        self._url = url
        self._client = SchemaRegistryClient(conf)
        self._ids: dict[tuple[str, str, int], int] = {}
        self._texts: dict[int, str] = {}

    def __enter__(self) -> HttpRegistry:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._client.close()

    def id_for(self, subject: str, schema: Schema) -> int:
        """Give the id under which the registry holds `schema` for `subject`."""
        key = (subject, schema.record, schema.version)
        if key not in self._ids:
            found = self._ask(
                lambda: self._client.lookup_schema(subject, RegistrySchema(schema.text, "AVRO")),
                SchemaNotRegistered(
                    f"{self._url} does not hold {schema.record} version {schema.version} under subject "
                    f"{subject}. Register it with `eropaf schemas register`, then start again"
                ),
            )
            self._ids[key] = int(found.schema_id or 0)
        return self._ids[key]

    def writer(self, schema_id: int) -> str:
        """Give the schema that the registry holds under this id."""
        if schema_id not in self._texts:
            found = self._ask(
                lambda: self._client.get_schema(schema_id),
                SchemaUnknown(f"schema id {schema_id} is not registered at {self._url}"),
            )
            self._texts[schema_id] = str(found.schema_str)
        return self._texts[schema_id]

    def register(self, subjects: Iterable[tuple[str, Schema]]) -> dict[str, int]:
        """Register each schema under its subject, with FULL_TRANSITIVE evolution; give subject → id."""
        ids = {}
        for subject, schema in subjects:
            ids[subject] = self._ask(
                lambda subject=subject, schema=schema: self._register(subject, schema),  # type: ignore[misc]
                SchemaNotRegistered(f"{self._url} refused {schema.record} under subject {subject}"),
            )
        return ids

    def _register(self, subject: str, schema: Schema) -> int:
        self._client.set_compatibility(subject_name=subject, level="FULL_TRANSITIVE")
        return int(self._client.register_schema(subject, RegistrySchema(schema.text, "AVRO")))

    def _ask(self, call: Callable[[], Answer], missing: Exception) -> Answer:
        try:
            return call()
        except SchemaRegistryError as error:
            if error.http_status_code == NOT_FOUND:
                raise missing from error
            if error.http_status_code in (409, 422):  # incompatible, or no valid schema
                raise SchemaNotRegistered(f"{missing}: {error.error_message}") from error
            raise RegistryUnavailable(f"{self._url} answered {error.http_status_code}") from error
        except Exception as error:  # whichever HTTP library the client uses: it did not answer
            raise RegistryUnavailable(f"{self._url} did not answer ({type(error).__name__})") from error


def _refuse_in_the_clear(url: str) -> None:
    parts = urlsplit(url.strip())
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise PasswordInTheClear(
            f"the registry's password would go to {parts.hostname} over plain HTTP, for everybody on the way "
            "to read: use https, or give no password"
        )
