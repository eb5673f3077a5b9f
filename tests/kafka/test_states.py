"""What the state channel tells, without a broker: which provisions, as what, and for which event."""

from datetime import UTC, date, datetime
from typing import Any

import httpx
import orjson
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from events.knowing_better import ChangeRescheduled, FactRetracted, TookEffect
from services.law.described.sec import CODE as SEC
from services.law.references import holds, meets, reference
from services.projection.point import point_at
from services.projection.provisions import names
from services.projection.publish.cursors import Place
from services.projection.publish.state import changed
from services.projection.runner import catch_up
from services.settings import Settings
from tests.ingest.recording.table import take
from tests.projection.ledger import Ledger
from tests.serving import serving

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TODAY = NOW.date()


class Reader:
    """A consumer of the compacted topic: the last value of each name; null values are gone."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine, self.at, self.view = engine, Place(0, None), dict[str, bytes]()

    def step(self, until: int | None = None, day: date = TODAY) -> dict[str, tuple[int, Any]]:
        """Takes what has changed up to a position and a day; what was told: the cause's position and the state."""
        with self.engine.connect() as connection:
            end = until or connection.scalar(sa.text("SELECT max(position) FROM event_log")) or 0
            told = list(changed(connection, self.at, end, day, NOW))
        self.at = Place(end, day)
        for each in told:
            self.view.pop(each.name, None)
            if each.state is not None:
                self.view[each.name] = each.state
        return {each.name: (each.cause.position, each.state and orjson.loads(each.state)) for each in told}


def test_after_the_shipped_table_the_view_is_what_rest_gives_for_every_provision(
    engine: sa.Engine, ledger_url: str, tmp_path: Any
) -> None:
    take(engine)
    catch_up(engine)
    reader = Reader(engine)
    reader.step(100)
    reader.step()
    assert _live(engine, TODAY) == set(reader.view)
    with serving(Settings(database_url=ledger_url, data_dir=tmp_path)) as client:
        for name, value in reader.view.items():
            assert _rest(client, name, orjson.loads(value)["meta"]) == value
            answer = client.get(_path(name), params={"as_of": "2026-11-24"}).json()
            assert answer | {"meta": None} == orjson.loads(value) | {"meta": None}


@given(cuts=st.lists(st.integers(1, 237), max_size=4, unique=True).map(sorted))
@examples(max_examples=10)
def test_however_the_log_is_cut_into_pages_the_view_comes_out_the_same(table: sa.Engine, cuts: list[int]) -> None:
    whole, cut = Reader(table), Reader(table)
    whole.step()
    for each in cuts:
        cut.step(each)
    cut.step()
    assert _bodies(cut) == _bodies(whole)


@given(days=st.lists(st.dates(date(2014, 1, 1), date(2018, 5, 31)), max_size=3, unique=True).map(sorted))
@examples(max_examples=10)
def test_whatever_day_a_reader_began_on_the_view_of_today_comes_out_the_same(
    table: sa.Engine, days: list[date]
) -> None:
    at_once, by_days = Reader(table), Reader(table)
    at_once.step()
    for each in days:
        by_days.step(day=each)
    by_days.step()
    assert _bodies(by_days) == _bodies(at_once)


@pytest.fixture(scope="module")
def table(migrated_sqlite: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The shipped table on a database that is only read."""
    import shutil

    from services.database import open_engine

    path = tmp_path_factory.mktemp("table") / "ledger.sqlite3"
    shutil.copy(migrated_sqlite, path)
    opened = open_engine(f"sqlite:///{path}")
    take(opened)
    catch_up(opened)
    yield opened
    opened.dispose()


def test_a_change_tells_what_holds_it_and_what_it_holds_and_nothing_beside_it(engine: sa.Engine) -> None:
    ledger, reader = Ledger(engine), Reader(engine)
    ledger.record(ledger.version("1.0", "2014-01-01"))
    for ref in ("H", "H1", "H1.2", "H2", "G1", "H1.2-H1.4"):
        ledger.record(ledger.changed("designated", f"section/{ref}", "1.0", "2014-01-01"))
    reader.step()
    told = _told(ledger, reader, ledger.changed("activated", "section/H1.3", "1.1", "2015-01-01"))
    assert set(told) == {"sec/section/H", "sec/section/H1", "sec/section/H1.3", "sec/section/H1.2-H1.4"}
    assert told["sec/section/H1"][1]["state"] == "partly_active"
    told = _told(ledger, reader, ledger.changed("amended", "section/H", "1.2", "2016-01-01"))
    assert set(told) == {f"sec/section/{ref}" for ref in ("H", "H1", "H1.2", "H1.3", "H2", "H1.2-H1.4")}


def test_a_deleted_provision_is_gone_and_one_designated_again_is_back(engine: sa.Engine) -> None:
    ledger, reader = Ledger(engine), Reader(engine)
    ledger.record(ledger.version("1.0", "2014-01-01"))
    ledger.record(ledger.changed("designated", "section/B2", "1.0", "2014-01-01"))
    reader.step()
    told = _told(ledger, reader, ledger.changed("deleted", "section/B2", "1.1", "2015-01-01"))
    assert told == {"sec/section/B2": (3, None)}
    told = _told(ledger, reader, ledger.changed("designated", "section/B2", "1.2", "2016-01-01"))
    assert told["sec/section/B2"][1]["state"] == "designated"


def test_what_no_change_names_any_more_is_gone(engine: sa.Engine) -> None:
    ledger, reader = Ledger(engine), Reader(engine)
    ledger.record(ledger.version("1.0", "2014-01-01"))
    [fact] = ledger.record(ledger.changed("activated", "section/C", "1.0", "2014-01-01", exclusions=("C4",)))
    reader.step()
    assert set(reader.view) == {"sec/section/C", "sec/section/C4"}
    told = _told(ledger, reader, FactRetracted(code="sec", actor="t", supersedes=fact.id, reason="a slip"), fact.stream)
    assert told == {"sec/section/C": (3, None), "sec/section/C4": (3, None)}


def test_a_document_that_gets_a_letter_is_gone_under_its_title(engine: sa.Engine) -> None:
    take(engine)
    catch_up(engine)
    reader = Reader(engine)
    told = reader.step()
    lettered = {name for name, (_, state) in told.items() if name.startswith("sec/document/") and state is None}
    assert lettered
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT document FROM lettering_row")).scalars()
        assert lettered == {f"sec/document/{document}" for document in rows}


def test_a_change_that_lies_ahead_is_told_again_when_its_day_comes(engine: sa.Engine) -> None:
    ledger, reader = Ledger(engine), Reader(engine)
    ledger.record(ledger.version("1.0", "2014-01-01"))
    ledger.record(ledger.changed("designated", "section/B2", "1.0", "2014-01-01"))
    ledger.record(ledger.changed("activated", "section/B2", "1.1", "2026-12-01"))
    ahead = reader.step()["sec/section/B2"][1]
    assert (ahead["state"], [each["effective"] for each in ahead["next"]]) == ("designated", ["2026-12-01"])
    assert reader.step(day=date(2026, 11, 30)) == {}
    told = reader.step(day=date(2026, 12, 1))
    assert told["sec/section/B2"][0] == 3
    assert (told["sec/section/B2"][1]["state"], told["sec/section/B2"][1]["meta"]["as_of"]) == ("active", "2026-12-01")
    assert reader.step(day=date(2026, 12, 2)) == {}


def test_a_change_that_was_moved_is_told_on_its_new_day_alone(engine: sa.Engine) -> None:
    ledger, reader = Ledger(engine), Reader(engine)
    ledger.record(ledger.version("1.0", "2014-01-01"))
    ledger.record(ledger.changed("designated", "section/B2", "1.0", "2014-01-01"))
    [fact] = ledger.record(ledger.changed("deleted", "section/B2", "1.1", "2026-12-01"))
    moved = ChangeRescheduled(code="sec", actor="t", change=fact.id, effective=date(2026, 12, 9), reason="later")
    _told(ledger, reader, moved, fact.stream)
    assert reader.step(day=date(2026, 12, 2)) == {}
    assert reader.step(day=date(2026, 12, 9)) == {"sec/section/B2": (4, None)}


def test_a_change_told_to_have_taken_effect_is_told_for_that(engine: sa.Engine) -> None:
    ledger, reader = Ledger(engine), Reader(engine)
    ledger.record(ledger.version("1.0", "2014-01-01"))
    [fact] = ledger.record(ledger.changed("designated", "section/B2", "1.0", "2026-11-24"))
    reader.step()
    took = TookEffect(code="sec", actor="t", change=fact.id, effective=TODAY)
    told = _told(ledger, reader, took, fact.stream)
    assert {name: cause for name, (cause, _) in told.items()} == {"sec/section/B2": 3}


def test_a_code_that_has_not_begun_is_told_on_its_first_day(engine: sa.Engine) -> None:
    ledger, reader = Ledger(engine), Reader(engine)
    ledger.record(ledger.version("1.0", "2026-12-01"))
    ledger.record(ledger.changed("designated", "section/B2", "1.0", "2026-12-01"))
    ledger.record(ledger.changed("designated", "section/B3", "1.1", "2026-12-24"))
    assert reader.step() == {}
    told = reader.step(day=date(2026, 12, 1))
    states = {name: state["state"] for name, (_, state) in told.items()}
    assert states == {"sec/section/B2": "designated", "sec/section/B3": "unrecorded"}


def test_an_instrument_known_later_tells_what_it_changes(engine: sa.Engine) -> None:
    ledger, reader = Ledger(engine), Reader(engine)
    ledger.record(ledger.version("1.0", "2014-01-01"))
    ledger.record(ledger.changed("designated", "section/B2", "1.0", "2014-01-01"))
    reader.step()
    told = _told(ledger, reader, ledger.directed("1.0-1", "2014-01-01"))
    assert told["sec/section/B2"][1]["because"][0]["authority"] == "Secretary of State"


def _told(ledger: Ledger, reader: Reader, event: Any, stream: str | None = None) -> dict[str, tuple[int, Any]]:
    ledger.record(event, streams={0: stream} if stream else None)
    return reader.step()


REFS = ["H", "H1", "H10", "H10.9-H10.13", "H10.11", "H10.12-H10.20", "H10.11(a)", "G", "A-C", "B", "B2", "H2-H12"]


@pytest.mark.parametrize("one", REFS)
@pytest.mark.parametrize("other", REFS)
def test_two_references_meet_exactly_where_some_reference_lies_in_both(one: str, other: str) -> None:
    kind = SEC.kinds["section"]
    a, b = reference(kind, one), reference(kind, other)
    within = [reference(kind, text) for text in [*REFS, "H10.13", "H10.12", "H2", "H3"]]
    assert meets(a, b) == any(holds(a, each) and holds(b, each) for each in within)


def _live(engine: sa.Engine, day: date) -> set[str]:
    from services.projection.provisions import provision

    with engine.connect() as connection:
        point = point_at(connection, "sec", day, None, NOW)
        known = names(connection, point)
        return {f"sec/{k}/{r}" for k, r in known if provision(connection, point, k, r)["state"] != "deleted"}


def _bodies(reader: Reader) -> dict[str, Any]:
    """The view but for where each answer is bound."""
    return {name: orjson.loads(value) | {"meta": None} for name, value in reader.view.items()}


def _rest(client: httpx.Client, name: str, meta: dict[str, Any]) -> bytes:
    return client.get(_path(name), params={"as_of": meta["as_of"], "known_at": meta["known_at"]}).content


def _path(name: str) -> str:
    code, kind, ref = name.split("/")
    return f"/v1/codes/{code}/provisions/{kind}/{ref}"
