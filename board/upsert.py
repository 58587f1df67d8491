"""Insert or update by key, on SQLite and PostgreSQL."""

from __future__ import annotations

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


async def upsert(connection: AsyncConnection, table: Table, **values: object) -> None:
    """Insert a row, or update the one with its key.

    One statement: of two that delete and then insert at once, PostgreSQL fails one.
    """
    # Both say it in the same words, and SQLAlchemy has a class for each.
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    keys = [column.name for column in table.primary_key]
    changed = {name: value for name, value in values.items() if name not in keys}
    await connection.execute(
        insert(table).values(**values).on_conflict_do_update(index_elements=keys, set_=changed)
    )
