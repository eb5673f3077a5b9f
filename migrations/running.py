"""Runs Alembic by program, on a connection of the caller's and in its transaction."""

import threading
from importlib.resources import files

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

_ONE_AT_A_TIME = threading.Lock()  # Alembic's environment belongs to the whole process
_LOCK = 7236271837492737

ROLES = ("inforce_writer", "inforce_reader")
"""Roles of PostgreSQL: one appends and keeps the read models, one only reads; an administrator grants them to logins."""


def configuration() -> Config:
    """Alembic's configuration: the migrations that came with this release."""
    config = Config()
    config.set_main_option("script_location", str(files("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def lock_migrations(connection: Connection) -> None:
    """Waits until no other process migrates this database, and keeps them waiting until this transaction ends."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA busy_timeout = 60000")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.exec_driver_sql("PRAGMA busy_timeout = 3000")
        return
    connection.exec_driver_sql("SET LOCAL lock_timeout = '60s'")
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def upgrade(connection: Connection) -> None:
    """Runs every migration that the database lacks; nothing is committed here."""
    config = configuration()
    config.attributes["connection"] = connection
    with _ONE_AT_A_TIME:
        command.upgrade(config, "head")


def grant_rights(connection: Connection) -> tuple[str, ...]:
    """Makes the roles and their rights on PostgreSQL; where this login may not, the statements that somebody who may has to run."""
    if connection.dialect.name != "postgresql":
        return ()
    known = set(connection.exec_driver_sql("SELECT rolname FROM pg_roles").scalars())
    missing = [role for role in ROLES if role not in known]
    may = connection.exec_driver_sql("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
    grants = _grants(connection)
    if missing and not may.scalar():
        return (*(f"CREATE ROLE {role} NOLOGIN;" for role in missing), *grants)
    for role in missing:
        # Another database of the same server may be making the same role.
        connection.exec_driver_sql(
            f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN;"
            " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
    for statement in grants:
        connection.exec_driver_sql(statement)
    return ()


def _grants(connection: Connection) -> tuple[str, ...]:
    name = str(connection.exec_driver_sql("SELECT current_schema()").scalar())
    schema = connection.dialect.identifier_preparer.quote(name)
    writer, reader = ROLES
    return (
        f"GRANT USAGE ON SCHEMA {schema} TO {writer}, {reader};",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {writer}, {reader};",
        f"GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {writer};",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {writer};",
        f"REVOKE UPDATE, DELETE ON {schema}.event_log, {schema}.event_key FROM {writer};",
        f"REVOKE INSERT, UPDATE, DELETE ON {schema}.alembic_version FROM {writer};",
        f"REVOKE SELECT ON {schema}.token, {schema}.subscription FROM {reader};",  # noqa: S608 - names of ours
    )
