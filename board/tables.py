"""The board's database tables, and their migration from earlier versions."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Connection,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    insert,
    inspect,
    select,
    text,
)

TABLES_VERSION = 2
# Whoever brings the tables up to date holds this lock of PostgreSQL's: any number that nobody else takes.
ONE_AT_A_TIME = 0x65726F706166
METADATA = MetaData()
KEPT_BY = Table("board_schema", METADATA, Column("version", Integer, primary_key=True))
ACCOUNTS = Table(
    "account",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("password", String(200), nullable=False),  # argon2id
    Column("role", String(20), nullable=False),
    Column("areas", String(2000), nullable=False),  # four digits each; `*`: every area; empty: none
)
SESSIONS = Table(
    "session",
    METADATA,
    Column("token", String(64), primary_key=True),  # SHA-256: who reads the database cannot log in
    Column("csrf", String(64), nullable=False),
    Column("user_id", String(300), nullable=False),
    Column("name", String(100), nullable=False),
    Column("role", String(20), nullable=False),
    Column("areas", String(2000), nullable=False),
    Column("begun_at", Float(53), nullable=False),  # seconds since 1970 UTC
    Column("seen_at", Float(53), nullable=False),
    # What a session from a provider has, and no other.
    Column("provider_session", String(255)),
    Column("refresh", Text),  # sealed with a key made of the client secret
    Column("agreed_at", Float(53)),  # when the provider last let this person in
    Column("ask_at", Float(53)),  # when it is to be asked again
)
DEVICES = Table(
    "device",
    METADATA,
    Column("token", String(64), primary_key=True),  # SHA-256
    Column("user_id", String(300), primary_key=True),
    Column("known_at", Float(53), nullable=False),
)
DISABLED = Table(
    "disabled",
    METADATA,
    Column("user_id", String(300), primary_key=True),
    Column("since", Float(53), nullable=False),
)
# Of residents, at the desk alone. What is sealed here is opened by what the resident holds, by nothing else.
RESIDENT_CODES = Table(
    "resident_code",
    METADATA,
    Column("found_by", String(8), primary_key=True),  # the code's first part
    Column("sealed", Text, nullable=False),  # with the whole code: for whom it is
    Column("ends_at", Float(53), nullable=False),  # seconds since 1970 UTC
)
RESIDENT_SESSIONS = Table(
    "resident_session",
    METADATA,
    Column("token", String(64), primary_key=True),  # SHA-256
    Column("proof", String(64), nullable=False, unique=True),  # SHA-256 of its code or its log-in's nonce
    Column("way", String(10), nullable=False),
    Column("sealed", Text, nullable=False),  # with the token: whose it is
    Column("ends_at", Float(53), nullable=False),
    Column("left", Float(53)),  # when the resident left before that; kept, as a proof counts once
)


def bring_up_to_date(connection: Connection) -> None:
    """Create missing tables; migrate those of an earlier version."""
    # Of two boards that start at once on an empty database, both would make the tables that neither saw.
    alone = "BEGIN IMMEDIATE"
    if connection.dialect.name == "postgresql":
        alone = f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"
    connection.exec_driver_sql(alone)
    tables = inspect(connection).get_table_names()
    if "account" in tables and KEPT_BY.name not in tables:
        # Version 1 wrote nothing where it meant every area; and all must log in once more.
        connection.execute(text("UPDATE account SET areas = '*' WHERE areas = ''"))
        for gone in ("session", "login"):
            connection.execute(text(f"DROP TABLE IF EXISTS {gone}"))
    METADATA.create_all(connection)
    if connection.execute(select(KEPT_BY)).first() is None:
        connection.execute(insert(KEPT_BY).values(version=TABLES_VERSION))
