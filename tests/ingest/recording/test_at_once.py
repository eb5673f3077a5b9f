import threading
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from events.store import stream
from services.ingest.recording import Recording
from tests.ingest.recording.table import TABLE, counts, facts, take


def test_two_of_the_same_at_once_record_it_once(engine: sa.Engine) -> None:
    done = _at_once(engine, [TABLE] * 4)
    new = [each.new_events for each in done]
    assert sorted(new)[:3] == [0, 0, 0]
    assert max(new) == counts(engine)["event_log"]


def test_two_editions_at_once_end_in_the_same_facts(engine: sa.Engine) -> None:
    text = TABLE.decode()
    shorter = text[: text.index("5.0 8th")].rstrip().encode() + b" \n\n"
    done = _at_once(engine, [TABLE, shorter, TABLE + b"\n"])
    assert sum(each.new_events for each in done) == counts(engine)["event_log"]
    told = [each for each in facts(engine) if each["type"] != "ConflictNoted"]
    assert len(told) == len(facts(engine)) == 236
    with engine.connect() as connection:
        assert [each.type for each in stream(connection)].count("SourceRead") == 3


def test_two_with_the_same_key_get_the_same_answer(engine: sa.Engine) -> None:
    one, other = _at_once(engine, [TABLE] * 2, key="k")
    assert one == other


def _at_once(engine: sa.Engine, documents: list[bytes], key: str | None = None) -> list[Recording]:
    start = threading.Barrier(len(documents))

    def one(data: bytes) -> Recording:
        start.wait(timeout=30)
        return take(engine, data, key=key)

    with ThreadPoolExecutor(len(documents)) as pool:
        return list(pool.map(one, documents))
