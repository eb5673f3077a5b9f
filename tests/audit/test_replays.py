"""Replays: every row that is not as the log gives it is found, with the events that explain it; killed, they go on."""

import random
import signal
import subprocess
import sys
from typing import Any

import pytest
import sqlalchemy as sa

from events.store import event_by_id, last_position
from services.audit import comparing, explaining, replay, replaying, replays
from services.audit.replays import UnderWay, Wish
from services.projection import generations, runner
from services.projection.publish.cursors import turn
from services.projection.tables import (
    READ_MODELS,
    change_row,
    checkpoint,
    reading_row,
    topic_row,
    version_row,
)
from tests.ingest.recording.table import take

END = 238
ALL = Wish()


def told(engine: sa.Engine, wish: Wish = ALL) -> dict[str, Any]:
    """What a replay finds."""
    return replays.shown(replaying.now(engine, wish, "tests", lambda *_: None))


def named(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(each["model"], each["id"], each["what"]) for each in found["first_differences"]]


def every_generation(engine: sa.Engine) -> set[int]:
    with engine.connect() as connection:
        return {
            each for table in (*READ_MODELS, checkpoint) for each in connection.scalars(sa.select(table.c.generation))
        }


@pytest.fixture
def ledger(engine: sa.Engine) -> sa.Engine:
    """The shipped table, projected."""
    take(engine)
    runner.catch_up(engine)
    return engine


def test_what_nobody_touched_differs_nowhere_and_nothing_is_left_behind(ledger: sa.Engine) -> None:
    found = told(ledger)
    assert (found["state"], found["position"], found["differences"], found["first_differences"]) == ("done", END, 0, [])
    assert (found["switched"], found["asked_by"], found["error"]) == (False, "tests", None)
    assert every_generation(ledger) == {1}


def test_a_changed_a_missing_and_an_added_row_are_each_explained_by_their_events(ledger: sa.Engine) -> None:
    with ledger.begin() as connection:
        h15 = connection.execute(sa.select(change_row).where(change_row.c.home_ref == "H15")).one()
        connection.execute(sa.update(change_row).where(change_row.c.id == h15.id).values(action="deleted", alive=False))
        gone = connection.execute(sa.select(version_row).where(version_row.c.version == "5.0")).one()
        connection.execute(sa.delete(version_row).where(version_row.c.id == gone.id))
        topic = connection.execute(sa.select(topic_row).limit(1)).one()._mapping
        connection.execute(sa.insert(topic_row).values({**topic, "id": "made up", "known_from": 5}))
    found = told(ledger)
    assert named(found) == [
        ("change_row", h15.id, "changed"),
        ("version_row", gone.id, "missing"),
        ("topic_row", "made up", "extra"),
    ]
    changed, missing, extra = found["first_differences"]
    assert changed["fields"] == {
        "action": {"live": "deleted", "rebuilt": "activated"},
        "alive": {"live": False, "rebuilt": True},
    }
    assert changed["events"] == [{"id": h15.id, "position": h15.position, "type": "SectionActivated"}]
    assert missing["events"] == [{"id": gone.id, "position": gone.position, "type": "VersionImplemented"}]
    assert [each["position"] for each in extra["events"]] == [5]  # what is recorded where it claims to be known from
    assert "'deleted', rebuilt 'activated'" in explaining.text(changed)
    with ledger.connect() as connection:
        assert event_by_id(connection, changed["events"][0]["id"]).position == h15.position


def test_a_body_that_differs_says_in_which_field(ledger: sa.Engine) -> None:
    with ledger.begin() as connection:
        row = connection.execute(sa.select(reading_row)).one()
        body = row.body.replace(b'"rows":40', b'"rows":41')
        assert body != row.body
        connection.execute(sa.update(reading_row).values(body=body))
    (found,) = told(ledger)["first_differences"]
    assert found["fields"] == {"body.rows": {"live": 41, "rebuilt": 40}}


def test_a_checkpoint_that_is_not_where_the_log_has_it_is_found(ledger: sa.Engine) -> None:
    own = sa.update(checkpoint).where(checkpoint.c.code == "sec")
    for position in (100, 300):
        with ledger.begin() as connection:
            connection.execute(own.values(position=position))
        (found,) = told(ledger)["first_differences"]
        assert (found["model"], found["code"], found["fields"]) == (
            "checkpoint",
            "sec",
            {"position": {"live": position, "rebuilt": END}},
        )


def test_up_to_a_position_only_what_was_known_then_is_compared(ledger: sa.Engine) -> None:
    with ledger.begin() as connection:
        row = connection.execute(sa.select(change_row).order_by(change_row.c.known_from.desc())).first()
        assert row
        own = (change_row.c.id == row.id) & (change_row.c.known_from == row.known_from)
        connection.execute(sa.update(change_row).where(own).values(ref="X1"))
    assert [told(ledger, Wish(until=until))["differences"] for until in (0, row.known_from - 1, row.known_from)] == [
        0,
        0,
        1,
    ]


@pytest.mark.parametrize("page", [1, 2, 7])
def test_whatever_rows_are_touched_and_however_pages_fall_exactly_these_are_found(
    ledger: sa.Engine, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "PAGE", page)
    chance = random.Random(page)
    with ledger.begin() as connection:
        rows = connection.execute(sa.select(change_row)).all()
        chosen = chance.sample(rows, 60)
        for number, row in enumerate(chosen):
            own = sa.and_(*(column == getattr(row, column.name) for column in change_row.primary_key))
            if number < 20:
                connection.execute(sa.update(change_row).where(own).values(proposal="SECMP9999"))
            elif number < 40:
                connection.execute(sa.delete(change_row).where(own))
            else:
                added = {**row._mapping, "id": row.id[: chance.randrange(36)] + chance.choice("-~é")}
                connection.execute(sa.insert(change_row).values(added))
    found = told(ledger)
    whats = [each["what"] for each in found["first_differences"]]
    assert {what: whats.count(what) for what in set(whats)} == {"changed": 20, "missing": 20, "extra": 20}
    wrong = {each["id"] for each in found["first_differences"] if each["what"] != "extra"}
    assert wrong == {row.id for row in chosen[:40]}


def test_all_differences_are_counted_the_first_hundred_kept(ledger: sa.Engine) -> None:
    with ledger.begin() as connection:
        touched = connection.execute(sa.update(change_row).values(spec="X")).rowcount
    found = told(ledger)
    assert touched > replays.KEPT
    assert (found["differences"], len(found["first_differences"])) == (touched, replays.KEPT)


def test_a_switch_puts_right_what_was_wrong_unless_it_was_asked_for_only_where_nothing_differs(
    ledger: sa.Engine,
) -> None:
    with ledger.begin() as connection:
        connection.execute(sa.update(change_row).values(action="deleted"))
    kept = told(ledger, Wish(switch=True, unless_unlike=True))
    assert (kept["switched"], kept["differences"] > 0, every_generation(ledger)) == (False, True, {1})
    done = told(ledger, Wish(switch=True))
    assert (done["switched"], done["differences"]) == (True, kept["differences"])
    with ledger.connect() as connection:
        assert generations.live(connection) == 2
    assert told(ledger)["differences"] == 0


def test_a_replay_up_to_a_position_is_never_put_in_place(engine: sa.Engine) -> None:
    with pytest.raises(replay.OnlyWhole, match="up to position 3 are not put in place"):
        replay.checked(Wish(3, switch=True), 10)
    with pytest.raises(replay.BeyondTheLog, match="position 11 lies beyond the log's last one, 10"):
        replay.checked(Wish(11), 10)


def test_while_one_process_does_a_replay_no_other_does(ledger: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "PATIENCE", 0.0)
    with turn(ledger, replay.CHANNEL) as held:
        assert held is not None
        with pytest.raises(UnderWay, match="another process"):
            told(ledger)
    with ledger.begin() as connection:
        own = replays.ask(connection, Wish(), "first")
    with pytest.raises(UnderWay, match=own), ledger.begin() as connection:
        replays.ask(connection, Wish(), "second")


def test_one_that_was_left_unfinished_is_done_first(ledger: sa.Engine) -> None:
    with ledger.begin() as connection:
        left = replays.ask(connection, Wish(until=9), "somebody")
    assert told(ledger)["position"] == END
    with ledger.connect() as connection:
        assert (replays.find(connection, left).state, replays.find(connection, left).position) == ("done", 9)


def test_what_fails_says_why_and_leaves_nothing_behind(ledger: sa.Engine) -> None:
    def moved(state: str, *_: int) -> None:
        if state == "comparing":
            raise ValueError("no more")

    with pytest.raises(replay.Failed, match="ValueError: no more"):
        replaying.now(ledger, Wish(), "tests", moved)
    with ledger.connect() as connection:
        (row,) = replays.listed(connection, None, 10)
    assert (row.state, row.error, row.unfinished) == ("failed", "ValueError: no more", None)
    assert every_generation(ledger) == {1}


KILLED = """
import sys, time
from services.audit import replaying
from services.audit.replays import Wish
from services.database import open_engine
from services.projection import runner

runner.BATCH = 20
url, where, switch = sys.argv[1:]

def moved(state, done, total):
    if state == where and (done >= total // 2 or state != "rebuilding"):
        print(state, flush=True)
        time.sleep(600)

replaying.now(open_engine(url), Wish(switch=switch == "yes"), "killed", moved)
"""


@pytest.mark.parametrize("where", ["rebuilding", "comparing", "switching"])
def test_killed_in_the_middle_it_goes_on_and_readers_never_see_what_is_half_built(
    ledger: sa.Engine, ledger_url: str, where: str
) -> None:
    command = [sys.executable, "-c", KILLED, ledger_url, where, "yes"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == f"{where}\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
    with ledger.connect() as connection:
        left = replays.unfinished(connection)
        assert (left.state, generations.live(connection)) == (where, 1)
        begun = runner._seen(connection, left.generation)
    assert begun in ((END,) if where != "rebuilding" else range(20, END))
    states: list[tuple[str, int]] = []
    done: Any = replaying.now(ledger, Wish(switch=True), "next", lambda state, at, _: states.append((state, at)))
    assert (done.id, done.asked_by, done.state, done.differences, done.switched) == (left.id, "killed", "done", 0, True)
    assert states[0][0] == "rebuilding"
    assert states[0][1] >= begun
    with ledger.connect() as connection:
        assert generations.live(connection) == left.generation
        assert last_position(connection) == END
    assert told(ledger)["differences"] == 0
    assert every_generation(ledger) == {1, left.generation}


def test_one_killed_between_the_switch_and_the_note_of_it_is_done(ledger: sa.Engine) -> None:
    done: Any = replaying.now(ledger, Wish(switch=True), "tests", lambda *_: None)
    with ledger.begin() as connection:
        replays.note(connection, done.id, state="switching", switched=False, finished_at=None, unfinished=1)
    again: Any = replaying.now(ledger, Wish(switch=True), "next", lambda *_: None)
    assert (again.id, again.state, again.switched) == (done.id, "done", True)
    assert every_generation(ledger) == {1, 2}


def test_on_the_terminal_it_says_what_differs_and_ends_with_1(
    ledger: sa.Engine, ledger_url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from services import cli

    monkeypatch.setenv("INFORCE_DATABASE_URL", ledger_url)

    def run(*words: str) -> tuple[Any, str, str]:
        monkeypatch.setattr(sys, "argv", ["inforce", "replay", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return (ended.value.code or 0, *capfd.readouterr())

    assert run() == (0, "", "replayed up to position 238: no differences\n")
    assert run("--until", "pos:20") == (0, "", "replayed up to position 20: no differences\n")
    assert run("--until", "2000-01-01") == (0, "", "replayed up to position 0: no differences\n")
    with ledger.begin() as connection:
        own = sa.update(change_row).where(change_row.c.home_ref == "H15")
        connection.execute(own.values(ref="X9"))
    code, out, err = run("--verify", "--switch")
    assert (code, err) == (1, "replayed up to position 238: 1 difference\n")
    assert "ref is 'X9', rebuilt 'H15'" in out
    assert "(22, SectionActivated)" in out
    assert run("--switch")[2] == "replayed up to position 238: 1 difference; the rebuilt read models are in place\n"
    assert run() == (0, "", "replayed up to position 238: no differences\n")
    code, out, err = run("--until", "999")
    assert (code, err) == (1, "inforce: until: position 999 lies beyond the log's last one, 238\n")
    assert run("--until", "yesterday")[0] == 2
