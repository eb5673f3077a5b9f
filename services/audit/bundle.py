"""An audit bundle: an answer, the events that it follows from with their proofs and documents, and a verifier of its own."""

import zipfile
from base64 import b64encode
from hashlib import sha256
from io import BytesIO
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa

from events import merkle, notes
from events.envelope import Recorded
from events.errors import Rejected
from events.merkle import HASH
from events.notes import Checkpoint
from events.store import events_by_ids, events_of
from events.tables import instant_text
from services.audit import verifier
from services.audit.checking.bundled import FORMAT
from services.ingest.tables import source_document
from services.projection.point import Point
from services.projection.proof import checkpoints
from services.projection.proof.proofs import NotYetProved
from services.projection.proof.tree import BrokenTree, asked
from services.projection.provisions import every_row, provision

Files = dict[str, bytes]
_MADE = (1980, 1, 1, 0, 0, 0)
"""One time for all files: the same answer is the same bundle."""


class Question(NamedTuple):
    """What is asked about: a point, a provision; and the checkpoint that the asker holds, if any."""

    point: Point
    kind: str
    ref: str
    held: bytes | None = None


def bundle(connection: sa.Connection, question: Question, meta: dict[str, Any]) -> bytes:
    """The bundle as a zip file; NotYetProved where no checkpoint covers what the answer follows from."""
    point = question.point
    answer = provision(connection, point, question.kind, question.ref) | meta
    signed = checkpoints.current(connection)
    if signed.size < point.position:
        raise NotYetProved(f"asked at position {point.position}, the latest checkpoint covers {signed.size} entries")
    events = _events(connection, question)
    files = {
        "question.json": _json(_asked(point, answer)),
        "answer.json": orjson.dumps(answer),
        "events.json": _json([_proved(connection, each, Checkpoint(*signed[1:4])) for each in events]),
        "checkpoint": signed.note,
        "key": "".join(f"{each}\n" for each in checkpoints.published_keys(connection)).encode(),
        "verify.py": verifier.source().encode(),
        **_sources(connection, events),
        **(_held(connection, question.held, signed.size) if question.held else {}),
    }
    listed = {name: sha256(content).hexdigest() for name, content in files.items()}
    return _zip({**files, "manifest.json": _json({"files": listed, "format": FORMAT})})


def _asked(point: Point, answer: dict[str, Any]) -> dict[str, Any]:
    own = {"code": point.code, "as_of": point.as_of.isoformat(), "position": point.position}
    return {**own, "kind": answer["kind"], "ref": answer["ref"]}


def _events(connection: sa.Connection, question: Question) -> list[Recorded]:
    """All that the streams tell of every change that may bear on the provision, of their instruments, of their documents."""
    point = question.point
    _, _, rows = every_row(connection, point, question.kind, question.ref)
    told = events_by_ids(connection, {row.id for row in rows})
    streams = {each.stream for each in told.values()}
    streams |= {f"{point.code}/instrument/{row.instrument}" for row in rows if row.instrument}
    found = _of_streams(connection, point, streams)
    found |= _of_streams(connection, point, {f"source/{digest}" for digest in _quoted(found.values())})
    return [found[position] for position in sorted(found)]


def _of_streams(connection: sa.Connection, point: Point, streams: set[str]) -> dict[int, Recorded]:
    events = (each for name in sorted(streams) for each in events_of(connection, name))
    return {each.position: each for each in events if each.position <= point.position and each.code == point.code}


def _quoted(events: Any) -> set[str]:  # noqa: ANN401 - events in any order
    """The documents that the events quote, or tell of."""
    found = set()
    for each in events:
        said = orjson.loads(each.entry)["event"]
        found |= {said[name]["sha256"] for name in ("source",) if said.get(name)}
        found |= {said["sha256"]} if "sha256" in said else set()
    return found


def _proved(connection: sa.Connection, event: Recorded, tree: Checkpoint) -> dict[str, Any]:
    index = event.position - 1
    path = asked(connection, lambda node: merkle.inclusion(index, tree.size, node))
    if not merkle.included(index, tree.size, event.leaf_hash, path, tree.root):
        raise BrokenTree(f"the entry at position {event.position} is not the one in the tree: run `inforce verify`")
    return {
        "position": event.position,
        "recorded_at": instant_text(event.recorded_at),
        "entry": event.entry.decode(),
        "path": [b64encode(each).decode() for each in path],
    }


def _sources(connection: sa.Connection, events: list[Recorded]) -> Files:
    s, found = source_document.c, Files()
    for digest in sorted(_quoted(events)):
        content = connection.scalar(sa.select(s.content).where(s.sha256 == digest))
        if content is not None:
            found[f"sources/{digest}"] = bytes(content)
    return found


def _held(connection: sa.Connection, note: bytes, size: int) -> Files:
    """The checkpoint that the asker holds, and the proof that it is of the same log."""
    keys = [notes.verifier(each) for each in checkpoints.published_keys(connection)]
    held = notes.checkpoint_in(note, keys)
    if held.size > size:
        raise Rejected(f"the checkpoint held is of {held.size} entries, this ledger's latest of {size}: a tail is gone")
    path = asked(connection, lambda node: merkle.consistency(held.size, size, node)) if held.size else []
    if any(len(each) != HASH for each in path):
        raise BrokenTree("the tree's hashes are damaged: run `inforce verify`")
    return {"held": note, "consistency.json": _json([b64encode(each).decode() for each in path])}


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _zip(files: Files) -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in sorted(files.items()):
            file.writestr(zipfile.ZipInfo(name, _MADE), content, zipfile.ZIP_DEFLATED)
    return written.getvalue()
