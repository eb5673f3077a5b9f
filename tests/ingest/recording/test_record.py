import hashlib

import pytest
import sqlalchemy as sa

from events.errors import Conflict, Rejected
from events.store import read, stream
from services.ingest.facts import QUOTE_LIMIT
from tests.ingest.recording.table import MOST, NAME, TABLE, counts, facts, take


def test_a_document_is_recorded_whole_and_its_bytes_are_kept(engine: sa.Engine) -> None:
    done = take(engine)
    assert done.new_events == counts(engine)["event_log"]
    assert done.positions == (1, done.new_events)
    assert (done.versions[0], done.versions[-1], len(done.versions)) == ("1.0", "5.16", 40)
    with engine.connect() as connection:
        kept = connection.execute(sa.text("SELECT sha256, content FROM source_document")).one()
    assert kept == (hashlib.sha256(TABLE).hexdigest(), TABLE)


def test_the_answer_says_what_came_and_what_is_new(engine: sa.Engine) -> None:
    told = take(engine).plain()
    assert told["source"] == {
        "sha256": hashlib.sha256(TABLE).hexdigest(),
        "name": NAME,
        "media_type": "text/plain",
        "size": len(TABLE),
        "chars": len(TABLE.decode()),
    }
    assert set(told) >= {
        "code",
        "new_events",
        "positions",
        "versions",
        "unread",
        "warnings",
        "conflicts",
        "recorded_at",
    }
    assert told["recorded_at"].endswith("Z")


def test_the_same_document_again_adds_nothing(engine: sa.Engine) -> None:
    first, before = take(engine), counts(engine)
    for reread in (False, True):
        again = take(engine, reread=reread)
        assert (again.new_events, again.positions, again.versions) == (0, None, ())
        assert again.recorded_at == first.recorded_at
    assert counts(engine) == before


@pytest.mark.parametrize("ends", [("4.1 26th", "5.0 8th", None), ("2.1 6th", None)])
def test_growing_editions_of_the_table_end_in_its_facts(
    engine: sa.Engine, make_database: object, ends: tuple[str | None, ...]
) -> None:
    text = TABLE.decode()
    for end in ends:
        take(engine, text[: text.index(end)].rstrip().encode() + b" \n\n" if end else TABLE)
    grown = facts(engine)
    with engine.connect() as connection:
        assert not [each for each in stream(connection) if each.type == "ConflictNoted"]
    assert len(grown) == 236


def test_a_contradiction_is_noted_once_and_told(engine: sa.Engine) -> None:
    take(engine)
    other = TABLE.replace(b"5.3 26th", b"5.3 27th")
    done = take(engine, other)
    assert [each["about"] for each in done.conflicts] == ["version/5.3"]
    assert done.new_events == 3
    assert take(engine, other).conflicts == []
    assert take(engine, other + b"\n").new_events == 2


def test_every_event_follows_from_its_reading_and_quotes_its_source(engine: sa.Engine) -> None:
    take(engine)
    text = TABLE.decode()
    with engine.connect() as connection:
        received, reading, *rest = read(connection, limit=1_000)
    assert (received.type, reading.type) == ("SourceReceived", "SourceRead")
    assert {each.event.causation_id for each in rest} == {reading.id}
    for each in rest:
        source = each.event.source
        assert source is not None
        words = " ".join(" ".join(text[start:end] for start, end in source.spans).split())
        assert source.quote == (words if len(words) <= QUOTE_LIMIT else words[: QUOTE_LIMIT - 1] + "…")


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b" \n \n",
        b"\x00\x01",
        TABLE[:200] + b"\x00" + TABLE[200:],
        TABLE.decode().encode("utf-16"),
        TABLE[:100] + b"\xff" + TABLE[100:],
        b"%PDF-1.7",
        b"Dear all, please find attached the minutes.",
        TABLE + b" " * MOST,
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line_and_leaves_the_ledger_as_it_was(
    engine: sa.Engine, bad: bytes
) -> None:
    before = counts(engine)
    with pytest.raises(Rejected) as refused:
        take(engine, bad)
    assert "\n" not in str(refused.value)
    assert counts(engine) == before


def test_an_unknown_code_and_an_unknown_form_are_refused(engine: sa.Engine) -> None:
    with pytest.raises(Rejected, match="dcusa"):
        take(engine, code="dcusa")
    with pytest.raises(Rejected, match=r"application/pdf.*text/plain"):
        take(engine, media_type="application/pdf")
    assert counts(engine)["event_log"] == 0


def test_names_that_no_database_holds_are_made_printable(engine: sa.Engine) -> None:
    assert take(engine, name="a\x00b\udcffc\n").source["name"] == "a?b?c?"


def test_a_key_gives_the_first_answer_again_and_serves_one_request(engine: sa.Engine) -> None:
    first = take(engine, key="k")
    assert take(engine, key="k") == first
    with pytest.raises(Conflict):
        take(engine, key="k", name="another")
    take(engine, key="nothing new")
    with pytest.raises(Conflict):
        take(engine, TABLE + b"\n", key="nothing new")
    assert take(engine, TABLE + b"\n").new_events == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "a\x00b"])
def test_a_key_that_no_log_holds_is_refused(engine: sa.Engine, key: str) -> None:
    with pytest.raises(Rejected, match="Idempotency-Key"):
        take(engine, key=key)
    assert counts(engine)["event_log"] == 0


def test_an_edition_that_lacks_a_row_in_its_middle_changes_nothing_and_says_so(engine: sa.Engine) -> None:
    take(engine)
    before = facts(engine)
    text = TABLE.decode()
    cut = text[: text.index(" 4.2 18th")] + text[text.index("4.3 1st July") :]
    done = take(engine, cut.encode())
    assert [each["row"] for each in done.warnings if each["code"] == "row-missing"] == ["4.2"]
    assert facts(engine) == before
    later = text[: text.index("1.0 23rd")] + text[text.index("4.3 1st July") :]
    assert not [each for each in take(engine, later.encode()).warnings if each["code"] == "row-missing"]
