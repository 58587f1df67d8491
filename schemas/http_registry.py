"""A schema registry over HTTP that speaks Confluent's API."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Callable, TypeVar
from urllib.parse import urlsplit, urlunsplit

from confluent_kafka.schema_registry import Schema as RegistrySchema
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

from eropaf_client.schemas.catalogue import Schema
from eropaf_client.schemas.errors import (
    PasswordInTheClear,
    RegistryUnavailable,
    SchemaNotAsked,
    SchemaNotRegistered,
    SchemaUnknown,
    WrongRecord,
)

Answer = TypeVar("Answer")

LOOPBACK = ("127.0.0.1", "::1", "localhost")
# Confluent's API: subject, version or schema not found. Any other 404 comes from an ingress or proxy in front
# of the registry, and says nothing about what is registered.
NOT_FOUND = frozenset({40401, 40402, 40403})
# Incompatible with an earlier version, or not a valid schema.
REFUSED = frozenset({409, 40901, 42201})
# The caller waits, a worker with all its work.
REGISTRY_ANSWERS_WITHIN_S = 5.0
RETRIES = 1
RETRY_AFTER_MS = 100
# How long an unknown id is not looked up again.
UNKNOWN_FOR_S = 30.0
# A sender can name four billion ids that do not exist.
MOST_UNKNOWN = 1000
# How long the registry may be asked for ids that it turns out not to know: a second at first, then a tenth of
# the time. The caller waits meanwhile, and with it every partition of a worker.
MISSES_TAKE_S = 1.0
MISSES_SHARE = 0.1
# Less than any answer takes.
MISS_COSTS_S = 0.01


class HttpRegistry:
    """Ids and writers' schemas from a registry, each fetched once and cached.

    A schema the registry does not hold is looked up again after half a minute, as it may have been
    registered.
    """

    def __init__(
        self,
        url: str,
        user_info: str | None = None,
        ca_file: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take `user_info` as user:password, and `ca_file` as the authorities that may sign the registry.

        Raises:
            PasswordInTheClear: a password would go over plain HTTP to another machine.
            RegistryUnavailable: `url` is not a URL.

        """
        for each in url.split(","):
            if user_info or urlsplit(each.strip()).password:
                _refuse_in_the_clear(each)
        conf: dict[str, Any] = {
            "url": url,
            "timeout": REGISTRY_ANSWERS_WITHIN_S,
            "max.retries": RETRIES,
            "retries.wait.ms": RETRY_AFTER_MS,
            "retries.max.wait.ms": RETRY_AFTER_MS,
        }
        if user_info:
            conf["basic.auth.user.info"] = user_info
        if ca_file is not None:
            conf["ssl.ca.location"] = str(ca_file)
        self._name = ",".join(_without_password(one.strip()) for one in url.split(","))
        try:
            self._client = SchemaRegistryClient(conf)
        except ValueError as error:
            raise RegistryUnavailable(f"{self._name} cannot be asked: {error}") from None
        self._clock = clock
        self._ids: dict[tuple[str, str, int], int] = {}
        self._texts: dict[int, str] = {}
        self._unknown: OrderedDict[int, float] = OrderedDict()
        self._left_s, self._left_at = MISSES_TAKE_S, clock()

    def __enter__(self) -> HttpRegistry:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._client.close()

    @property
    def unknown(self) -> int:
        """How many ids are cached as unknown."""
        return len(self._unknown)

    def id_for(self, subject: str, schema: Schema) -> int:
        """Return the id under which the registry holds `schema` for `subject`."""
        key = (subject, schema.record, schema.version)
        if key not in self._ids:
            found = self._ask(
                lambda: self._client.lookup_schema(subject, RegistrySchema(schema.text, "AVRO")),
                SchemaNotRegistered(
                    f"{self._name} does not hold {schema.record} version {schema.version} under subject "
                    f"{subject}. Register it with `eropaf schemas register`, then start again"
                ),
            )
            if not isinstance(found.schema_id, int):
                raise self._no_registry("an answer without an id")
            self._ids[key] = found.schema_id
        return self._ids[key]

    def writer(self, schema_id: int) -> str:
        """Return the schema that the registry holds under this id.

        Raises:
            WrongRecord: it is not an Avro schema.
            SchemaUnknown, RegistryUnavailable: see `Registry`.
            SchemaNotAsked: too much time went into ids that the registry does not know.

        """
        if schema_id not in self._texts:
            self._texts[schema_id] = self._asked_for(schema_id)
        return self._texts[schema_id]

    def register(self, subjects: Iterable[tuple[str, Schema]]) -> dict[str, int]:
        """Register each schema under its subject, with FULL_TRANSITIVE evolution; return subject → id."""
        ids = {}
        for subject, schema in subjects:
            ids[subject] = self._ask(
                lambda subject=subject, schema=schema: self._register(subject, schema),  # type: ignore[misc]
                SchemaNotRegistered(f"{self._name} refused {schema.record} under subject {subject}"),
            )
        return ids

    def _register(self, subject: str, schema: Schema) -> int:
        self._client.set_compatibility(subject_name=subject, level="FULL_TRANSITIVE")
        return int(self._client.register_schema(subject, RegistrySchema(schema.text, "AVRO")))

    def _asked_for(self, schema_id: int) -> str:
        unknown = SchemaUnknown(f"schema id {schema_id} is not registered at {self._name}")
        if self._clock() < self._unknown.get(schema_id, 0.0):
            raise unknown
        begun = self._clock()
        self._left_s = min(MISSES_TAKE_S, self._left_s + (begun - self._left_at) * MISSES_SHARE)
        self._left_at = begun
        if self._left_s <= 0:
            raise SchemaNotAsked(
                f"schema id {schema_id} was not looked up: too many unknown ids are asked for"
            )
        try:
            found = self._ask(lambda: self._client.get_schema(schema_id), unknown)
        except SchemaUnknown:
            self._left_s -= max(MISS_COSTS_S, self._clock() - begun)
            self._unknown[schema_id] = self._clock() + UNKNOWN_FOR_S
            self._unknown.move_to_end(schema_id)
            if len(self._unknown) > MOST_UNKNOWN:
                self._unknown.popitem(last=False)
            raise
        self._unknown.pop(schema_id, None)
        if found.schema_type not in (None, "AVRO"):
            raise WrongRecord(f"schema id {schema_id} is a {found.schema_type} schema, not an Avro schema")
        if not isinstance(found.schema_str, str):
            raise self._no_registry("an answer without a schema")
        return found.schema_str

    def _ask(self, call: Callable[[], Answer], missing: Exception) -> Answer:
        try:
            return call()
        except SchemaRegistryError as error:
            if error.http_status_code == 404 and error.error_code in NOT_FOUND:
                raise missing from None
            if error.http_status_code in (409, 422) and error.error_code in REFUSED:
                raise SchemaNotRegistered(f"{missing}: {error.error_message}") from None
            raise self._no_registry(
                f"{error.http_status_code}, with the registry's code {error.error_code}"
                if isinstance(error.error_code, int) and error.error_code > 0
                else f"{error.http_status_code} without a registry's error code"
            ) from None
        # Whichever HTTP library the client uses: it did not answer, or what answered is not a registry.
        # Neither shown nor chained: its message may hold the address with its password.
        except Exception as error:
            raise RegistryUnavailable(f"{self._name} did not answer ({type(error).__name__})") from None

    def _no_registry(self, answer: str) -> RegistryUnavailable:
        return RegistryUnavailable(
            f"{self._name} answered {answer}. Is it a schema registry that is well, and is "
            "EROPAF_REGISTRY_URL its address?"
        )


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def in_the_clear(url: str) -> bool:
    """Return whether traffic to `url` is readable by others: neither https nor on this machine."""
    try:
        parts = urlsplit(url.strip())
        return parts.scheme != "https" and parts.hostname not in LOOPBACK
    except ValueError:
        return True


def _refuse_in_the_clear(url: str) -> None:
    if in_the_clear(url):
        raise PasswordInTheClear(
            f"the registry's password would go to {urlsplit(url.strip()).hostname} over plain HTTP, readable "
            "by anyone on the way: use https, or leave the password out"
        )
