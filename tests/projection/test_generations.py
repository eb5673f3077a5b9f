"""Several generations of the read models in one database: one answers, whatever lies beside it."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from events.knowing_better import FactRetracted
from services.audit import comparing
from services.projection import generations, queries, rebuild, runner
from services.projection.publish.channels import provisions
from services.projection.publish.cursors import Place
from services.projection.rebuild import NoBetter
from services.projection.tables import READ_MODELS, change_row, checkpoint
from services.settings import Settings
from tests.ingest.recording.table import take
from tests.projection.ledger import Ledger
from tests.serving import serving
from tests.waiting import wait_for

PATHS = (
    *("in-force", "versions", "versions/5.4", "provisions", "provisions/section/H15", "provisions/appendix/G/history"),
    *("provisions/document/smki-repository-interface-design-specification", "changes", "changes?affected=section/H"),
    *("instruments/5.4-2", "diff?from=4.1&to=5.4", "diff?as_of=2018-05-31&known_from=pos:60&known_to=pos:238"),
    *("prospective", "conflicts", "corrections", "calendar.ics", "", "provisions/section/Q7"),
)


def answers(url: str, directory: Path) -> dict[str, Any]:
    """What a new service answers."""
    with serving(Settings(database_url=url, data_dir=directory)) as client:
        wait_for(lambda: client.get("/v1/status").json()["projection"]["lag"] == 0)
        told = {path: client.get(f"/v1/codes/sec/{path}".rstrip("/")) for path in PATHS}
        told |= {path: client.get(path) for path in ("/v1/codes", "/v1/feeds/changes.atom?code=sec")}
        assert {answer.status_code for answer in told.values()} == {200, 404}
        found = {path: answer.content for path, answer in told.items()}
        return found | {"/v1/status": client.get("/v1/status").json()["projection"]}


def build(engine: sa.Engine) -> int:
    """A generation beside the live one, filled."""
    with engine.begin() as connection:
        generation = generations.begin(connection)
    rebuild.fill(engine, generation)
    return generation


def test_every_answer_is_of_the_live_generation_alone(engine: sa.Engine, ledger_url: str, tmp_path: Path) -> None:
    take(engine)
    runner.catch_up(engine)
    before = answers(ledger_url, tmp_path)
    beside = build(engine)
    with engine.begin() as connection:
        for table in READ_MODELS:
            own = table.c.generation == beside
            connection.execute(sa.update(table).where(own).values(body=b"{}", effective=None, version="9.9"))
        connection.execute(sa.update(change_row).where(change_row.c.generation == beside).values(action="deleted"))
        moved = sa.update(checkpoint).where(checkpoint.c.generation == beside)
        connection.execute(moved.values(position=7, failed_at=3, failure="another's"))
    assert answers(ledger_url, tmp_path) == before


def test_a_reader_that_began_before_the_switch_finishes_on_the_old_one(engine: sa.Engine) -> None:
    take(engine)
    runner.catch_up(engine)
    ledger = Ledger(engine)
    with engine.begin() as connection:
        own = sa.update(change_row).where(change_row.c.home_ref == "H15")
        connection.execute(own.values(action="deleted"))
    with engine.connect() as connection:
        before = ledger.point(connection, "2018-05-31")
        connection.rollback()
        rebuild.switch(engine, build(engine))
        assert queries.provision(connection, before, "section", "H15")["state"] == "deleted"
        after = ledger.point(connection, "2018-05-31")
        assert queries.provision(connection, after, "section", "H15")["state"] == "active"


def test_a_replaced_generation_stays_for_its_readers_and_goes_later(engine: sa.Engine) -> None:
    take(engine)
    runner.catch_up(engine)
    abandoned, chosen = build(engine), build(engine)
    rebuild.switch(engine, chosen)
    soon = datetime.now(UTC) + generations.READ_ON - timedelta(minutes=1)
    with engine.connect() as connection:
        assert generations.needless(connection, soon) == [abandoned]
        assert generations.needless(connection, soon, kept=abandoned) == []
        assert generations.needless(connection, soon + timedelta(minutes=2)) == [1, abandoned]
    for each in (1, abandoned):
        generations.drop(engine, each)
    with engine.connect() as connection:
        assert generations.needless(connection, soon + timedelta(days=1)) == []
        for table in (*READ_MODELS, checkpoint):
            assert set(connection.scalars(sa.select(table.c.generation))) <= {chosen}, table.name


def test_a_switch_while_the_log_grows_loses_nothing_and_never_goes_back(engine: sa.Engine) -> None:
    ledger, stop, reached = Ledger(engine), threading.Event(), list[int]()
    take(engine)
    projectors = [threading.Thread(target=runner.run, args=(engine, stop, reached.append)) for _ in range(2)]
    for each in projectors:
        each.start()
    seen = []
    for number in range(8):
        ledger.record(ledger.version(f"7.{number}", "2019-01-01"))
        rebuild.switch(engine, build(engine))
        with engine.connect() as connection:
            seen.append(queries.status(connection)["projection"]["position"])
    wait_for(lambda: reached[-1] == 246)
    stop.set()
    for each in projectors:
        each.join()
    assert (seen, seen[-1]) == (sorted(seen), 246)
    with engine.connect() as connection:
        live = generations.live(connection)
    assert live == 9
    fresh = build(engine)
    with engine.connect() as connection:
        between = comparing.sides(connection, live, fresh)
        assert list(comparing.unlike(connection, between, lambda done, total: None)) == []
        assert between.until == 246


def test_a_switch_publishes_nothing(engine: sa.Engine, ledger_url: str, tmp_path: Path) -> None:
    take(engine)
    runner.catch_up(engine)
    settings, stop = Settings(database_url=ledger_url, data_dir=tmp_path), threading.Event()

    def clock() -> datetime:
        return datetime(2026, 11, 24, 12, tzinfo=UTC)

    steps = provisions(engine, settings, Place(0, None), stop, clock)
    first = next(steps)
    assert len(list(first.messages)) > 50
    rebuild.switch(engine, build(engine))
    following = next(steps)
    assert (list(following.messages), following.place) == ([], first.place)
    stop.set()


def test_a_code_that_stands_still_does_so_in_both_and_nothing_worse_is_put_in_place(engine: sa.Engine) -> None:
    poisoned = Ledger(engine, "bad")
    (first, *_) = poisoned.record(poisoned.version("1", "2020-01-01"))
    poisoned.record(retracted(), streams={0: first.stream})
    generation = build(engine)
    rebuild.switch(engine, generation)
    with engine.begin() as connection:
        assert runner.stopped(connection, generation) == {"bad": 2}
        connection.execute(sa.update(checkpoint).values(failed_at=None))
    with pytest.raises(NoBetter, match="of bad stops at position 2"):
        rebuild.switch(engine, build(engine))
    with engine.connect() as connection:
        assert generations.live(connection) == generation


def retracted() -> FactRetracted:
    return FactRetracted(code="bad", actor="t", supersedes="0190-no-such", reason="x")
