"""Commands that wait at the same time share a transaction; what becomes of one is no other's."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from events.errors import NotFound, Unavailable
from events.receipt import Key
from events.store import read
from services.ingest.commands.answered import Outcome
from services.ingest.commands.asking import Asking, Command, PreconditionFailed, Work
from services.ingest.commands.bodies import BadBody
from services.ingest.commands.instruments import LabelUsed
from services.ingest.commands.kinds import COMMANDS
from services.ingest.commands.recording import Turn, record_together
from services.ingest.commands.sight import Sight
from services.law.codes import CODES
from tests.ingest.commands.asking import Body, did, direction, written


def command(body: Body, kind: str = "directions", **how: Any) -> Turn:
    def asked() -> Command:
        said, work = COMMANDS[kind](CODES["sec"], orjson.dumps(body), "somebody")
        return Command(Asking("sec", said, **how), work)

    return Turn("sec", asked)


def failing(trouble: Callable[[Sight], Any]) -> Turn:
    return Turn("sec", lambda: command(direction()).command()._replace(work=Work(trouble)))


def directed(label: str, **how: Any) -> Turn:
    return command(direction(did("amended", "section/H"), version=label), **how)


@pytest.fixture
def commits(engine: Engine) -> list[sa.Connection]:
    """Each commit from now on."""
    seen: list[sa.Connection] = []
    sa.event.listen(engine, "commit", seen.append)
    return seen


def labels(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return [each.event.version for each in read(connection, types=["VersionImplemented"])]  # type: ignore[union-attr]


def test_all_that_wait_are_durable_by_one_commit_in_their_order(engine: Engine, commits: list[sa.Connection]) -> None:
    told = record_together(engine, [directed(f"6.{number}") for number in range(5)])
    assert [isinstance(each, Outcome) for each in told] == [True] * 5
    assert labels(engine) == [f"6.{number}" for number in range(5)]
    assert len(commits) == 1


def test_each_is_decided_on_what_those_before_it_recorded(engine: Engine, commits: list[sa.Connection]) -> None:
    key = Key("k", b"digest")
    asked = [directed("6.0", key=key), directed("6.0"), directed("6.0", key=key), directed("6.1", if_match=1)]
    asked += [command({"authority": "nobody"}), directed("6.2", if_match=0)]
    first, *refused, last = record_together(engine, asked)
    assert isinstance(first, Outcome)
    assert isinstance(last, Outcome)
    assert refused[1] == first
    assert [type(each) for each in (refused[0], *refused[2:])] == [LabelUsed, PreconditionFailed, BadBody]
    assert labels(engine) == ["6.0", "6.2"]
    assert len(commits) == 1


def test_one_that_fails_is_alone_in_it(engine: Engine) -> None:
    def no_such_table(sight: Sight) -> None:
        sight.connection.execute(sa.text("SELECT 1 FROM nowhere"))

    asked = [directed("6.0"), failing(lambda _: 1 // 0), directed("6.1"), failing(no_such_table)]
    one, wrong, other, refused = record_together(engine, asked)
    assert isinstance(one, Outcome)
    assert isinstance(other, Outcome)
    assert isinstance(wrong, ZeroDivisionError)
    assert isinstance(refused, Exception)
    assert labels(engine) == ["6.0", "6.1"]


def test_where_the_database_does_not_serve_nothing_is_recorded_and_all_are_told(engine: Engine) -> None:
    def busy(_: Sight) -> None:
        raise Unavailable("the database is busy")

    told = record_together(engine, [directed("6.0"), failing(busy), directed("6.1")])
    assert {type(each) for each in told} == {Unavailable}
    assert set(written(engine).values()) == {0}


def test_one_that_cannot_even_be_asked_keeps_none_of_the_others(engine: Engine) -> None:
    def unknown() -> Command:
        raise NotFound("no such code")

    told = record_together(engine, [Turn("sec", unknown), directed("6.0"), directed("6.1")])
    assert isinstance(told[0], NotFound)
    assert labels(engine) == ["6.0", "6.1"]
