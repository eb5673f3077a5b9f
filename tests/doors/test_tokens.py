import re
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, Engine, text

from events.driver_errors import translated
from events.errors import Rejected
from services.doors import tokens
from services.doors.tokens import Holder, NameTaken, UnknownToken, UnusableToken


def who(connection: Connection, secret: str) -> Holder | None:
    return tokens.holders(connection, [secret]).get(secret)


def test_a_token_is_known_by_its_secret_and_by_nothing_like_it(connection: Connection) -> None:
    secret = tokens.create(connection, "robot", ["audit", "ingest"])
    assert re.fullmatch(r"inf_[A-Za-z0-9_-]{43}", secret)
    assert who(connection, secret) == ("robot", {"ingest", "audit"})
    other = secret[:-1] + ("A" if secret[-1] != "A" else "B")
    for wrong in (other, secret + "A", secret[:-1], secret.upper(), "", "robot", secret + "\0", "inf_" + "é" * 43):
        assert who(connection, wrong) is None


def test_two_tokens_have_two_secrets(connection: Connection) -> None:
    assert tokens.create(connection, "a", ["ingest"]) != tokens.create(connection, "b", ["ingest"])


def test_the_secret_is_nowhere_in_the_database(connection: Connection) -> None:
    secret = tokens.create(connection, "robot", ["ingest"])
    stored = repr(connection.execute(text("SELECT * FROM token")).all())
    assert "robot" in stored
    assert secret not in stored
    assert secret[4:] not in stored
    assert secret not in repr(tokens.listed(connection))


def test_a_revoked_token_is_nobodys_and_its_first_revocation_stands(connection: Connection) -> None:
    secret = tokens.create(connection, "robot", ["ingest"])
    first = tokens.revoke(connection, "robot")
    assert who(connection, secret) is None
    assert tokens.revoke(connection, "robot") == first
    (told,) = tokens.listed(connection)
    assert told["revoked_at"] == first.isoformat().replace("+00:00", "Z")
    assert tokens.any_made(connection)


def test_revoking_one_token_leaves_the_others(connection: Connection) -> None:
    tokens.create(connection, "a", ["ingest"])
    kept = tokens.create(connection, "b", ["ingest"])
    tokens.revoke(connection, "a")
    assert who(connection, kept)
    with pytest.raises(UnknownToken, match="'c'"):
        tokens.revoke(connection, "c")


@pytest.mark.parametrize("again", ["robot", "cafe\u0301"])
def test_a_name_is_given_once_revoked_or_not_however_it_is_composed(engine: Engine, again: str) -> None:
    with engine.begin() as connection:
        for name in ("robot", "caf\u00e9"):
            tokens.create(connection, name, ["ingest"])
        tokens.revoke(connection, "robot")
    with pytest.raises(NameTaken), engine.begin() as connection:
        tokens.create(connection, again, ["ingest"])
    with engine.connect() as connection:
        assert len(tokens.listed(connection)) == 2


def test_of_several_who_ask_for_one_name_at_once_one_gets_it(engine: Engine) -> None:
    def ask(_: int) -> str | None:
        try:
            with engine.begin() as connection:
                return tokens.create(connection, "robot", ["ingest"])
        except NameTaken:
            return None

    with ThreadPoolExecutor(4) as pool:
        got = [secret for secret in pool.map(ask, range(4)) if secret]
    assert len(got) == 1
    with engine.connect() as connection:
        assert who(connection, got[0])


@pytest.mark.parametrize(
    ("name", "scopes"),
    [
        ("", ["ingest"]),
        ("x" * 101, ["ingest"]),
        ("two\nlines", ["ingest"]),
        ("\u202egnitset", ["ingest"]),
        ("\ud800", ["ingest"]),
        (" robot", ["ingest"]),
        ("local", ["ingest"]),
        ("Local", ["ingest"]),
        ("open", ["ingest"]),
        ("robot", []),
        ("robot", ["ingest", "everything"]),
    ],
)
def test_a_name_no_event_could_carry_and_a_scope_that_is_none_make_no_token(
    connection: Connection, name: str, scopes: Collection[str]
) -> None:
    with pytest.raises(UnusableToken):
        tokens.create(connection, name, scopes)
    assert not tokens.any_made(connection)


def test_a_name_may_have_a_hundred_characters_of_any_script(connection: Connection) -> None:
    secret = tokens.create(connection, "規" * 100, ["ingest"])
    assert who(connection, secret)


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
@pytest.mark.parametrize("table", ["token", "subscription"])
def test_a_role_that_may_only_read_reads_no_secrets(engine: Engine, table: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL ROLE inforce_reader"))
        assert connection.execute(text("SELECT count(*) FROM event_log")).scalar() == 0
        with pytest.raises(Rejected, match="permission denied"), translated():
            connection.execute(text(f"SELECT * FROM {table}"))


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_the_role_that_writes_makes_and_knows_tokens(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL ROLE inforce_writer"))
        assert who(connection, tokens.create(connection, "robot", ["ingest"]))
