"""The source of schema ids: the built-in catalogue, or a registry over HTTP."""

from __future__ import annotations

from typing import Protocol

from eropaf_client.schemas import catalogue
from eropaf_client.schemas.catalogue import Schema
from eropaf_client.schemas.errors import SchemaUnknown


class Registry(Protocol):
    """Maps schemas that we write to ids, and ids that we read to writers' schemas."""

    def id_for(self, subject: str, schema: Schema) -> int:
        """Return the id of `schema` under `subject`.

        Raises:
            SchemaNotRegistered: the registry does not hold it.
            RegistryUnavailable: no answer.

        """

    def writer(self, schema_id: int) -> str:
        """Return the writer's schema, as JSON text.

        Raises:
            SchemaUnknown: no schema has this id.
            WrongRecord: the schema with this id is not an Avro schema.
            RegistryUnavailable: no answer.

        """


class LocalRegistry:
    """Ids from the catalogue: nothing else needs to run, and every worker agrees."""

    def __init__(self) -> None:
        self._by_id: dict[int, Schema] = {
            schema.local_id: schema for record in catalogue.RECORDS for schema in catalogue.versions(record)
        }

    def id_for(self, subject: str, schema: Schema) -> int:
        """Return the catalogue's id, whatever the subject."""
        return schema.local_id

    def writer(self, schema_id: int) -> str:
        """Return the published schema with this id."""
        try:
            return self._by_id[schema_id].text
        except KeyError:
            raise SchemaUnknown(
                f"schema id {schema_id} is not in the catalogue of this version; upgrade the reader, "
                "or point both sides at the same registry (EROPAF_REGISTRY_URL), then replay the record"
            ) from None
