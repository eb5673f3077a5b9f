"""A mirror holds the same log, answers the same, and raises the alarm where the log that it follows contradicts itself."""

import random
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa

from events import notes
from events.errors import Unavailable
from events.notes import Checkpoint
from events.store import read
from services.audit.alarm import Alarm
from services.audit.fetching import Remote
from services.audit.follow import Following, NoMirror, begin
from services.audit.importing import NotEmpty, bring
from services.audit.verify import verify
from services.database import open_engine
from services.ingest.clock import take_effect
from services.ingest.mirrored import OfAMirror
from services.ingest.tables import known_change, source_document
from services.projection.followed import followed_log
from services.projection.proof import checkpoints, keys, rotation, upkeep
from services.projection.proof.tables import tree_checkpoint
from services.projection.proof.upkeep import run as keep
from services.projection.publish import cursors
from services.settings import Settings
from tests.audit.ledgers import owning, shown, verifiers
from tests.audit.mirrors import Two, begun, held
from tests.ingest.recording.table import TABLE, take
from tests.proof import naive
from tests.proof.logs import ORIGIN, plant, record, signing
from tests.serving import serving


def test_a_mirror_holds_the_same_log_and_gives_the_same_answers(two: Two, tmp_path: Path) -> None:
    begun(two, verifiers(two.key_file)[0].text())
    assert two.turn() == 238
    assert held(two.mirror) == held(two.engine)
    assert shown(verify(two.mirror, keys=verifiers(two.key_file)).findings) == []
    with serving(Settings(database_url=two.mirror_url, data_dir=tmp_path / "other")) as mirror:
        for path in (
            "/v1/codes/sec/provisions/section/H15?as_of=2018-05-31&known_at=pos:238",
            "/v1/codes/sec/in-force?as_of=2017-01-01&known_at=pos:238",
            "/v1/log/checkpoint",
            "/v1/log/key",
            "/v1/log/tile/0/000.p/238",
            "/v1/log/tile/entries/000.p/238",
        ):
            assert mirror.get(path).content == two.client.get(path).content, path
        follow = mirror.get("/v1/status").json()["follow"]
    assert (follow["url"], follow["size"], follow["alarm"]) == (str(two.client.base_url).rstrip("/"), 238, None)
    assert two.client.get("/v1/status").json()["follow"] is None


def test_a_mirror_goes_on_with_what_was_added(two: Two) -> None:
    begun(two)
    two.turn()
    take(two.engine, TABLE.replace(b"Production Proving", b"Production Proofs!"))
    record(two.engine, 400)
    signing(two.engine, two.key_file)
    size = two.turn()
    assert size > 638
    assert held(two.mirror) == held(two.engine)
    assert two.turn() == size
    with two.mirror.connect() as connection:
        assert checkpoints.latest_note(connection) == keys.last_file(two.key_file).read_bytes()


class Rounds(threading.Event):
    """Is set when it was waited for a few times."""

    left = 3

    def wait(self, timeout: float | None = None) -> bool:
        self.left -= 1
        if not self.left:
            self.set()
        return self.is_set()


def test_a_mirror_signs_nothing_has_no_key_and_its_status_is_well(two: Two, tmp_path: Path) -> None:
    with two.mirror.connect() as connection:
        cursors.note_failure(connection, upkeep.SIGNING, "no signing key")  # noted before it was a mirror
    begun(two).turn()
    keep(two.mirror, tmp_path / "none" / "signing.key", Rounds())
    keep(two.mirror, keys.last_file(two.key_file).with_suffix(""), Rounds())
    with two.mirror.connect() as connection:
        told = cursors.told(connection, 238)
        signed = connection.execute(sa.select(tree_checkpoint)).all()
    assert {(each["channel"], each["lag"], each["error"]) for each in told} == {
        ("tree", 0, None),
        (upkeep.SIGNING, 0, None),
    }
    assert len(signed) == 1
    with pytest.raises(rotation.KeyKept, match=r"mirrors http.*it has no key"), two.mirror.begin() as connection:
        rotation.begin(connection, tmp_path / "none" / "signing.key", "example.org/another")


def test_nothing_else_is_recorded_in_a_mirror(two: Two) -> None:
    begun(two)
    with pytest.raises(NotEmpty, match="the ledger mirrors http"), two.mirror.begin() as connection:
        bring(connection, BytesIO(b""), lambda *_: None)
    two.turn()
    with two.mirror.begin() as connection:
        connection.execute(sa.update(known_change).values(awaited=True, effective=date(2018, 5, 31)))
    assert take_effect(two.mirror, date(2018, 6, 1)) == 0
    with pytest.raises(OfAMirror, match=f"this ledger mirrors {two.remote.url}"):
        take(two.mirror, TABLE.replace(b"Production Proving", b"Production Proofs!"))
    assert held(two.mirror) == held(two.engine)


def test_an_empty_log_can_be_followed_from_its_first_checkpoint(
    engine: sa.Engine, ledger_url: str, make_database: Callable[[], str], tmp_path: Path
) -> None:
    key_file = tmp_path / "signing.key"
    keys.make(key_file, ORIGIN)
    signing(engine, key_file)
    mirror = open_engine(make_database())
    with (
        serving(Settings(database_url=ledger_url, data_dir=tmp_path)) as client,
        Remote(str(client.base_url)) as remote,
    ):
        two = Two(client, engine, key_file, mirror, "", tmp_path / "evidence", remote)
        assert begun(two).turn() == 0
    mirror.dispose()


def alarmed(two: Two, *words: str) -> None:
    """The next turn raises the alarm, which stays, is shown, and keeps both notes; nothing was taken over."""
    before = held(two.mirror)
    with pytest.raises(Alarm) as why:
        two.turn()
    assert all(word in str(why.value) for word in words), str(why.value)
    assert held(two.mirror) == before
    with two.mirror.connect() as connection:
        row = connection.execute(sa.select(followed_log)).one()
    assert row.alarm == str(why.value)
    assert sorted(each.name.partition(".")[2] for each in two.evidence.iterdir()) == ["found.note", "held.note"]
    assert {each.read_bytes() for each in two.evidence.iterdir()} >= {bytes(row.note or b"")}
    with pytest.raises(Alarm, match="an alarm stands since"):
        begin(two.following(), None, resume=False)


def resigned(two: Two, size: int, root: bytes, signer: notes.Signer | None = None) -> None:
    """Gives a checkpoint out as one who holds the key, and keeps to no rule, could."""
    by = signer or keys.load(two.key_file)[0]
    note = notes.sign(Checkpoint(by.verifier.name, size, root).text(), [by])
    row = {"number": 9, "origin": by.verifier.name, "size": size, "root": root, "note": note}
    with two.engine.begin() as connection:
        connection.execute(sa.delete(tree_checkpoint))
        connection.execute(sa.insert(tree_checkpoint).values(row | {"signed_at": datetime.now(UTC)}))


def test_a_rewound_log_is_an_alarm(two: Two) -> None:
    begun(two).turn()
    with two.engine.connect() as connection:
        leaves = [each.leaf_hash for each in read(connection, limit=200)]
    resigned(two, 200, naive.root(leaves))
    alarmed(two, "the log was rewound", "it showed 238 entries", "it shows 200 entries")


def test_another_root_at_one_size_is_an_alarm(two: Two) -> None:
    begun(two).turn()
    resigned(two, 238, bytes(32))
    alarmed(two, "the log was forked", "it showed 238 entries", "evidence: ")


def test_a_forked_history_with_a_valid_signature_is_an_alarm(two: Two) -> None:
    begun(two).turn()
    forged = naive.leaves(300)
    with owning(two.engine) as connection:
        connection.execute(sa.text("DELETE FROM tree_tile"))
        connection.execute(sa.text("UPDATE publish_cursor SET position = 0 WHERE channel = 'tree'"))
    plant(two.engine, forged)
    resigned(two, 300, naive.root(forged))
    alarmed(two, "the log was forked", "it shows 300 entries")


def test_an_entry_that_is_not_the_one_in_the_tree_is_never_taken_over(two: Two) -> None:
    begun(two)
    with owning(two.engine) as connection:
        entry = connection.scalar(sa.text("SELECT entry FROM event_log WHERE position = 150"))
        changed = bytes(entry).replace(b'"actor":"tests"', b'"actor":"other"')
        connection.execute(sa.text("UPDATE event_log SET entry = :e WHERE position = 150"), {"e": changed})
    with pytest.raises(Alarm, match="the entries after position 100 up to 200 are not those of 238 entries"):
        two.turn()
    with two.mirror.connect() as connection:
        assert len(read(connection)) == 100


def test_a_key_that_is_not_the_one_believed_is_an_alarm(two: Two) -> None:
    begun(two, keys.new_signer(ORIGIN).verifier.text())
    alarmed(two, "not to be believed", "the note has no signature of")


def test_another_log_in_the_place_of_the_one_followed_is_an_alarm(two: Two) -> None:
    other = keys.new_signer("example.org/another")
    begun(two, "\n".join([verifiers(two.key_file)[0].text(), other.verifier.text()])).turn()
    with two.engine.connect() as connection:
        root = naive.root([each.leaf_hash for each in read(connection)])
    resigned(two, 238, root, other)
    alarmed(two, "the log is example.org/another, followed was example.com/log")


def test_a_document_that_is_not_what_was_received_is_an_alarm(two: Two) -> None:
    begun(two)
    with two.engine.begin() as connection:
        connection.execute(sa.update(source_document).values(content=b"other words"))
    alarmed(two, "the service gives other bytes than the event at position 1 tells of")


def test_an_alarm_that_was_looked_at_can_be_ended(two: Two) -> None:
    begun(two).turn()
    note = keys.last_file(two.key_file).read_bytes()
    resigned(two, 238, bytes(32))
    alarmed(two, "forked")
    root = notes.checkpoint_in(note, verifiers(two.key_file)).root
    resigned(two, 238, root)
    begin(two.following(), None, resume=True)
    assert two.turn() == 238


def test_only_an_empty_ledger_or_the_same_mirror_follows(two: Two) -> None:
    record(two.mirror, 1)
    with pytest.raises(NoMirror, match="has a history of its own"):
        begun(two)
    with owning(two.mirror) as connection:
        connection.execute(sa.text("DELETE FROM event_log"))
    begun(two)
    with Remote("http://127.0.0.1:1") as other, pytest.raises(NoMirror, match="the ledger mirrors http://127"):
        begin(Following(two.mirror, other, two.evidence), None, resume=False)


def test_a_service_that_is_away_is_no_alarm(two: Two) -> None:
    with Remote("http://127.0.0.1:1") as away, pytest.raises(Unavailable):
        begin(Following(two.mirror, away, two.evidence), None, resume=False)


def test_a_mirror_that_is_killed_goes_on_from_where_it_was(two: Two, tmp_path: Path) -> None:
    record(two.engine, 300)
    signing(two.engine, two.key_file)
    url, command = str(two.client.base_url), [sys.executable, "-m", "tests.audit.following_one"]
    reached = set()
    for _ in range(4):
        process = subprocess.Popen(
            [*command, url, two.mirror_url, str(tmp_path / "evidence")], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout
        assert process.stdout.readline() == "begun\n"
        with suppress(subprocess.TimeoutExpired):
            process.wait(random.uniform(0.1, 0.6))
        process.kill()
        process.wait()
        process.stdout.close()
        with two.mirror.connect() as connection:
            reached.add(len(read(connection)))
        if 538 in reached:
            break
    assert all(each % 20 == 0 or each == 538 for each in reached)
    assert two.turn() == 538
    assert held(two.mirror) == held(two.engine)
    assert not two.evidence.exists()
