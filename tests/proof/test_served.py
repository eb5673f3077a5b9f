"""The log over HTTP: what clients of tlog-tiles read, what they must never be given, proofs to be checked by hand."""

import os
import re
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from events import merkle, notes, tiles
from events.envelope import leaf_hash
from events.tables import event_log
from services.projection.proof import keys, rotation, upkeep
from services.projection.proof.signing import sign
from services.projection.proof.tables import tree_checkpoint, tree_tile
from services.projection.publish import cursors
from services.settings import Settings
from tests.proof import naive
from tests.proof.logs import ORIGIN, made_key, plant, record, signing
from tests.serving import serving
from tests.waiting import wait_for

TILE = "application/octet-stream"
FOR_EVER = "max-age=31536000, immutable"
TEXT = "text/plain; charset=utf-8"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return made_key(tmp_path)


@pytest.fixture
def client(ledger_url: str, tmp_path: Path, engine: sa.Engine) -> Iterator[httpx.Client]:
    """A service that waits for its turn to keep the tree, so that the tests say when it grows and is signed."""
    with cursors.turn(engine, upkeep.CHANNEL) as turn:
        assert turn
        with serving(Settings(database_url=ledger_url, data_dir=tmp_path)) as opened:
            yield opened


def tile(client: httpx.Client, path: str) -> bytes:
    answer = client.get(f"/v1/log/tile/{path}")
    assert answer.status_code == 200, answer.text
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == (TILE, FOR_EVER)
    return answer.content


def status(client: httpx.Client, path: str) -> int:
    return client.get(f"/v1/log/tile/{path}").status_code


def json(client: httpx.Client, **query: object) -> dict[str, Any]:
    answer = client.get("/v1/log/proof", params=query)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    return answer.json()


def hashes(texts: list[str]) -> list[bytes]:
    return [b64decode(each) for each in texts]


def test_a_log_that_nobody_signs_has_no_checkpoint_no_key_and_no_tile(client: httpx.Client, engine: sa.Engine) -> None:
    [event] = record(engine, 1)
    upkeep.catch_up(engine)
    for path in ("checkpoint", "key", "keys", "tile/0/000.p/1", f"proof?event={event.id}", "proof?from=0"):
        answer = client.get(f"/v1/log/{path}")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no-checkpoint"), path


def test_checkpoint_and_key_are_as_clients_read_them(client: httpx.Client, engine: sa.Engine, key_file: Path) -> None:
    record(engine, 3)
    note = signing(engine, key_file)
    answer, key = client.get("/v1/log/checkpoint"), client.get("/v1/log/key")
    assert answer.content == note
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == (TEXT, "no-cache")
    assert key.headers["content-type"] == TEXT
    assert key.text.endswith("\n")
    assert notes.checkpoint_in(answer.content, [notes.verifier(key.text[:-1])]).size == 3
    assert client.head("/v1/log/checkpoint").headers["content-length"] == str(len(note))
    assert client.get("/v1/log/checkpoint?a=1").status_code == 400


def test_old_keys_stay_published(client: httpx.Client, engine: sa.Engine, key_file: Path) -> None:
    signing(engine, key_file)
    old = client.get("/v1/log/key").text
    with engine.begin() as connection:
        rotation.rotate(connection, key_file)
    signing(engine, key_file)
    rotation.retire(key_file)
    new = client.get("/v1/log/key").text
    assert new != old
    assert client.get("/v1/log/keys").text == new + old
    assert notes.checkpoint_in(client.get("/v1/log/checkpoint").content, [notes.verifier(old[:-1])])


def test_tiles_and_bundles_hold_the_tree_and_its_entries(
    client: httpx.Client, engine: sa.Engine, key_file: Path
) -> None:
    record(engine, 257)
    signing(engine, key_file)
    with engine.connect() as connection:
        entries = [
            bytes(each) for each in connection.scalars(sa.select(event_log.c.entry).order_by(event_log.c.position))
        ]
    leaves = list(map(leaf_hash, entries))
    assert tile(client, "0/000") == b"".join(leaves[:256])
    assert tile(client, "0/001.p/1") == leaves[256]
    assert tile(client, "1/000.p/1") == naive.root(leaves[:256])
    assert list(tiles.unbundled(tile(client, "entries/000"))) == entries[:256]
    assert list(tiles.unbundled(tile(client, "entries/001.p/1"))) == entries[256:]
    assert list(tiles.unbundled(tile(client, "entries/000.p/9"))) == entries[:9]


def test_what_was_served_once_is_served_the_same_for_ever(
    client: httpx.Client, engine: sa.Engine, key_file: Path
) -> None:
    served: dict[str, bytes] = {}
    for more in (1, 16, 238, 1, 1, 300):
        record(engine, more)
        size = notes.checkpoint(signing(engine, key_file).decode().split("\n\n")[0] + "\n").size
        for level in range(3):
            number, width = divmod(tiles.hashes(size, level), 256)
            names = [f"{level}/{tiles.path(each)}" for each in range(number)]
            names += [f"{level}/{tiles.path(number, width)}"] if width else []
            names += [name.replace("0/", "entries/", 1) for name in names if not level]
            served |= {name: tile(client, name) for name in names if name not in served}
        assert {name: tile(client, name) for name in served} == served
    assert {"0/000.p/1", "0/000.p/17", "0/000.p/255", "0/000", "entries/000.p/255", "1/000.p/1", "1/000.p/2"} <= set(
        served
    )


@pytest.mark.parametrize("size", [255, 256, 257, 70_000])
def test_what_is_not_there_yet_is_404_and_nothing_else(
    client: httpx.Client, engine: sa.Engine, key_file: Path, size: int
) -> None:
    plant(engine, naive.leaves(size + 1))
    with engine.connect() as connection:
        signed = sign(connection, key_file, size, datetime.now(UTC))
        connection.commit()
    assert signed
    for level in range(4):
        number, width = divmod(tiles.hashes(size, level), 256)
        assert status(client, f"{level}/{tiles.path(number)}") == 404
        assert status(client, f"{level}/{tiles.path(number + 1, 1)}") == 404
        assert [
            status(client, f"{level}/{tiles.path(number, each)}") for each in (width, width + 1) if 0 < each < 256
        ] == [code for each, code in ((width, 200), (width + 1, 404)) if 0 < each < 256]
        if number:
            assert len(tile(client, f"{level}/{tiles.path(number - 1)}")) == 8192
            assert len(tile(client, f"{level}/{tiles.path(number - 1, 200)}")) == 6400
    assert status(client, f"entries/{tiles.path(size // 256)}") == 404


@pytest.mark.parametrize(
    "path",
    [
        "",
        "0",
        "0/",
        "0/0",
        "00/000",
        "01/000.p/1",
        "0/000.p/0",
        "0/000.p/01",
        "0/000.p/256",
        "0/x000/000",
        "0/000.p/1/",
        "data/000.p/1",
        "8/0/000",
        "-1/000",
        "64/000.p/1",
        "0/000.p/1.5",
        "entries/0",
        "0/%2e%2e/000",
        "0/٠٠٠",
    ],
)
def test_a_path_that_names_no_tile_is_404(client: httpx.Client, engine: sa.Engine, key_file: Path, path: str) -> None:
    record(engine, 2)
    signing(engine, key_file)
    assert status(client, path) == 404


def test_a_proof_of_an_event_holds_all_that_is_needed_to_check_it(
    client: httpx.Client, engine: sa.Engine, key_file: Path
) -> None:
    events = record(engine, 40)
    signing(engine, key_file)
    record(engine, 270)
    note = signing(engine, key_file)
    linked = client.get(f"/v1/events/{events[6].id}").headers["link"]
    found = client.get(linked[1 : linked.index(">")]).json()
    assert linked.endswith('; rel="proof"')
    assert (found["event"], found["position"], found["leaf_index"], found["size"]) == (events[6].id, 7, 6, 310)
    assert leaf_hash(b64decode(found["entry"])) == b64decode(found["leaf_hash"])
    root = notes.checkpoint_in(found["checkpoint"].encode(), [keys.load(key_file)[0].verifier]).root
    assert root == b64decode(found["root"])
    assert found["checkpoint"].encode() == note
    assert merkle.included(6, 310, b64decode(found["leaf_hash"]), hashes(found["path"]), root)
    older = json(client, event=events[6].id, size=40)
    assert notes.checkpoint_in(older["checkpoint"].encode(), [keys.load(key_file)[0].verifier]).size == 40
    between = json(client, event=events[6].id, size=100)
    assert between["checkpoint"] is None
    for each in (older, between):
        assert merkle.included(
            6, each["size"], b64decode(each["leaf_hash"]), hashes(each["path"]), b64decode(each["root"])
        )
    assert found["meta"]["position"] == 310


def test_a_proof_that_the_log_only_grew_is_checked_by_hand(
    client: httpx.Client, engine: sa.Engine, key_file: Path
) -> None:
    record(engine, 40)
    signing(engine, key_file)
    record(engine, 270)
    signing(engine, key_file)
    for old, new in ((40, 310), (40, 40), (0, 310), (0, 0), (100, 200), (256, 310)):
        found = json(client, **{"from": old, "to": new})
        roots = [b64decode(found[name]["root"]) for name in ("from", "to")]
        assert (found["from"]["size"], found["to"]["size"]) == (old, new)
        assert merkle.consistent(old, new, roots[0], roots[1], hashes(found["path"]))
    latest = json(client, **{"from": 40})
    assert latest["to"]["size"] == 310
    assert latest["from"]["checkpoint"].startswith(f"{ORIGIN}\n40\n")


def test_a_proof_is_one_file_too(client: httpx.Client, engine: sa.Engine, key_file: Path) -> None:
    events = record(engine, 9)
    note = signing(engine, key_file)
    written = client.get("/v1/log/proof", params={"event": events[4].id, "format": "tlog-proof"})
    accepted = client.get("/v1/log/proof", params={"event": events[4].id}, headers={"Accept": "text/plain"})
    assert written.content == accepted.content
    assert written.headers["content-type"] == accepted.headers["content-type"] == TEXT
    head, checkpoint = written.content.split(b"\n\n", 1)
    lines = head.decode().split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 4"]
    assert hashes(lines[2:]) == hashes(json(client, event=events[4].id)["path"])
    assert checkpoint == note
    unsigned = client.get("/v1/log/proof", params={"event": events[4].id, "size": 6, "format": "tlog-proof"})
    assert (unsigned.status_code, unsigned.json()["type"]) == (400, "/problems/bad-parameter")


@pytest.mark.parametrize(
    ("query", "code", "problem", "named"),
    [
        ("", 400, "bad-parameter", "event"),
        ("event=01a210a4-5ff5-74fb-b6ae-d6640ec97bfd", 404, "not-found", "01a210a4"),
        ("event=words", 404, "not-found", "words"),
        ("event={id}&size=4", 400, "bad-parameter", "size"),
        ("event={id}&size=1", 400, "bad-parameter", "size"),
        ("event={id}&size=-1", 400, "bad-parameter", "size"),
        ("event={id}&from=1", 400, "bad-parameter", "from"),
        ("event={id}&format=xml", 400, "bad-parameter", "format"),
        ("event={id}&sise=2", 400, "unknown-parameter", "sise"),
        ("from=4", 400, "bad-parameter", "from"),
        ("from=1&to=4", 400, "bad-parameter", "to"),
        ("from=2&to=1", 400, "bad-parameter", "from"),
        ("from=1&size=2", 400, "bad-parameter", "size"),
        ("to=2", 400, "bad-parameter", "from"),
        ("from=1&format=tlog-proof", 400, "bad-parameter", "format"),
    ],
)
def test_a_proof_of_nothing_is_refused_by_name(
    client: httpx.Client, engine: sa.Engine, key_file: Path, query: str, code: int, problem: str, named: str
) -> None:
    events = record(engine, 3)
    signing(engine, key_file)
    answer = client.get(f"/v1/log/proof?{query.format(id=events[1].id)}")
    assert (answer.status_code, answer.json()["type"]) == (code, f"/problems/{problem}")
    assert named in answer.json()["detail"]


def test_an_event_beyond_the_latest_checkpoint_is_proved_a_little_later(
    client: httpx.Client, engine: sa.Engine, key_file: Path
) -> None:
    signing(engine, key_file)
    [event] = record(engine, 1)
    answer = client.get("/v1/log/proof", params={"event": event.id})
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-yet-proved")
    assert answer.headers["retry-after"]
    signing(engine, key_file)
    assert json(client, event=event.id)["path"] == []


def test_a_tree_that_does_not_hold_the_entry_proves_nothing(
    client: httpx.Client, engine: sa.Engine, key_file: Path
) -> None:
    events = record(engine, 5)
    signing(engine, key_file)
    with engine.begin() as connection:
        connection.execute(sa.update(tree_tile).values(hashes=b"".join(naive.leaves(5))))
    for query in (f"event={events[2].id}", "from=3"):
        answer = client.get(f"/v1/log/proof?{query}")
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/broken-tree")
    with engine.begin() as connection:
        connection.execute(sa.delete(tree_tile))
    assert client.get("/v1/log/tile/0/000.p/3").json()["type"] == "/problems/broken-tree"


def test_changes_and_events_link_to_their_proofs(client: httpx.Client, engine: sa.Engine) -> None:
    [event] = record(engine, 1)
    wait_for(lambda: client.get("/v1/codes/sec/changes").status_code == 200)
    wait_for(lambda: client.get("/v1/codes/sec/changes").json()["items"])
    [change] = client.get("/v1/codes/sec/changes").json()["items"]
    assert change["proof"] == f"/v1/log/proof?event={event.id}"


def test_the_service_keeps_and_signs_its_tree_by_itself(ledger_url: str, engine: sa.Engine, tmp_path: Path) -> None:
    made_key(tmp_path)
    with serving(Settings(database_url=ledger_url, data_dir=tmp_path)) as client:
        record(engine, 3)
        wait_for(lambda: client.get("/v1/log/checkpoint").text.startswith(f"{ORIGIN}\n3\n"))
        channels = {each["channel"]: each["position"] for each in client.get("/v1/status").json()["channels"]}
        assert (channels["tree"], channels["checkpoint"]) == (3, 3)


def test_the_terminal_makes_shows_and_rotates_the_key_and_prints_the_checkpoint(
    ledger_url: str, engine: sa.Engine, tmp_path: Path
) -> None:
    given = {
        "INFORCE_DATABASE_URL": ledger_url,
        "INFORCE_DATA_DIR": str(tmp_path),
        "INFORCE_PUBLIC_URL": "https://codes.example/sub/",
    }
    assert _said("checkpoint", given) == (1, "", "no checkpoint is signed yet")
    code, made, _ = _said("key new", given)
    assert code == 0
    assert re.fullmatch(r"codes\.example/sub/v1/log\+[0-9a-f]{8}\+\S{44}\n", made)
    assert _said("key new", given)[0] == 1
    assert _said("key show", given)[1] == made
    record(engine, 2)
    note = signing(engine, tmp_path / "signing.key")
    assert _said("checkpoint", given)[1].encode() == note
    assert _said("key new", given)[2].startswith("the log codes.example/sub/v1/log has checkpoints")
    added = _said("key rotate", given)[1]
    assert _said("key show", given)[1] == added + made
    assert _said("key retire", given)[2].startswith("the new key")
    signing(engine, tmp_path / "signing.key")
    assert _said("key retire", given)[0] == 0
    assert _said("key show", given)[1] == added
    assert "PRIVATE" not in made + added


def _said(command: str, given: dict[str, str]) -> tuple[int, str, str]:
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("INFORCE_")} | given
    done = subprocess.run(
        [str(Path(sys.executable).with_name("inforce")), *command.split()],
        capture_output=True,
        text=True,
        env=surroundings,
    )
    return done.returncode, done.stdout, done.stderr.removeprefix("inforce: ").partition(":")[0].strip()


def test_checkpoints_are_numbered_in_the_order_signed(engine: sa.Engine, key_file: Path) -> None:
    for _ in range(3):
        record(engine, 1)
        signing(engine, key_file)
    with engine.connect() as connection:
        rows = connection.execute(
            sa.select(tree_checkpoint.c.number, tree_checkpoint.c.size).order_by(tree_checkpoint.c.number)
        )
        assert [tuple(row) for row in rows] == [(1, 1), (2, 2), (3, 3)]
