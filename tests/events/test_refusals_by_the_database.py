"""The database itself keeps the log append-only, whoever is connected; on PostgreSQL by the rights of its roles too."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from events.errors import Rejected
from events.store import Key, append, last_position, read
from services.database import translated
from tests.factories import amended, pending


@pytest.fixture
def log(engine: Engine) -> Engine:
    """Two events and a key."""
    with engine.begin() as connection:
        append(
            connection,
            [pending(amended("A")), pending(amended("B"))],
            {"sec/section/A": 0, "sec/section/B": 0},
            Key("k", b"d"),
        )
    return engine


FORBIDDEN = [
    "UPDATE event_log SET code = 'x'",
    "UPDATE event_log SET position = position + 10 WHERE position = 2",
    "DELETE FROM event_log",
    "DELETE FROM event_log WHERE position = 2",
    "UPDATE event_key SET digest = 'x'",
    "DELETE FROM event_key",
]
BY_REPLACING = [
    "INSERT OR REPLACE INTO event_log SELECT position, id, code, 'x', 9, type, 1, NULL, recorded_at, entry, leaf_hash FROM event_log WHERE position = 1",
    "INSERT OR REPLACE INTO event_log SELECT 3, id, code, 'x', 9, type, 1, NULL, recorded_at, entry, leaf_hash FROM event_log WHERE position = 1",
    "INSERT OR REPLACE INTO event_log SELECT 3, 'new', code, stream, 1, type, 1, NULL, recorded_at, entry, leaf_hash FROM event_log WHERE position = 1",
    "INSERT INTO event_log SELECT 7, 'new', code, 'x', 9, type, 1, NULL, recorded_at, entry, leaf_hash FROM event_log WHERE position = 1",
    "INSERT OR REPLACE INTO event_key SELECT key, 'other', 1, 1, recorded_at FROM event_key",
]  # fmt: skip


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_what_is_recorded_cannot_be_changed(log: Engine, statement: str) -> None:
    with log.connect() as connection:
        before = read(connection)

    with pytest.raises(DBAPIError, match="append-only"), log.begin() as connection:
        connection.execute(text(statement))

    with log.connect() as connection:
        assert read(connection) == before


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
@pytest.mark.parametrize("table", ["event_log", "event_key"])
def test_the_log_cannot_be_truncated(log: Engine, table: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), log.begin() as connection:
        connection.execute(text(f"TRUNCATE {table}"))


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize("statement", BY_REPLACING)
def test_replacing_is_no_way_round(log: Engine, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), log.begin() as connection:
        connection.execute(text(statement))

    with log.connect() as connection:
        assert last_position(connection) == 2


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
@pytest.mark.parametrize("role", ["inforce_writer", "inforce_reader"])
@pytest.mark.parametrize("statement", [*FORBIDDEN, "TRUNCATE event_log", "DELETE FROM alembic_version"])
def test_neither_role_may_change_the_log(log: Engine, role: str, statement: str) -> None:
    with log.begin() as connection:
        connection.execute(text(f"SET LOCAL ROLE {role}"))
        with pytest.raises(Rejected, match="permission denied"), translated():
            connection.execute(text(statement))


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_the_writer_appends_and_the_reader_only_reads(log: Engine) -> None:
    with log.begin() as connection:
        connection.execute(text("SET LOCAL ROLE inforce_writer"))
        append(connection, [pending(amended("C"))], {"sec/section/C": 0}, Key("w", b"d"))

    with log.begin() as connection:
        connection.execute(text("SET LOCAL ROLE inforce_reader"))
        assert len(read(connection)) == 3
        with pytest.raises(Rejected, match="permission denied"):
            append(connection, [pending(amended("D"))], {"sec/section/D": 0})


@pytest.fixture
def powerless(log: Engine) -> Iterator[str]:
    """A login's name that may make no roles."""
    with log.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS inforce_test_powerless"))
        connection.execute(text("CREATE ROLE inforce_test_powerless"))
    yield "inforce_test_powerless"
    with log.begin() as connection:
        connection.execute(text("DROP ROLE inforce_test_powerless"))


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_a_login_that_may_not_make_roles_is_told_the_sql(
    log: Engine, powerless: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from migrations import running

    monkeypatch.setattr(running, "ROLES", ("inforce_test_absent", "inforce_reader"))
    with log.begin() as connection:
        connection.execute(text(f"SET LOCAL ROLE {powerless}"))
        left = running.grant_rights(connection)

    assert left[0] == "CREATE ROLE inforce_test_absent NOLOGIN;"
    assert any(line.startswith("REVOKE UPDATE, DELETE ON public.event_log") for line in left)
