"""Another log read as any client of tlog-tiles reads it: what its checkpoint says is proved out of its tiles and entries."""

from base64 import b64encode

import orjson

from events import merkle, tiles
from events.merkle import HASH, Node
from events.notes import Checkpoint
from events.tiles import WIDTH
from services.audit.fetching import Missing, Remote

LOG = "/v1/log"


def checkpoint_note(remote: Remote) -> bytes:
    """The latest signed checkpoint."""
    return remote.get(f"{LOG}/checkpoint")


def extends(remote: Remote, size: int, root: bytes, new: Checkpoint) -> bool:
    """Whether the tree of a checkpoint extends the one of that size and root, by a proof made out of the log's tiles."""
    if size == 0 or size >= new.size:
        return (size, root) == (new.size, new.root) or (size == 0 and root == merkle.EMPTY_ROOT)
    path = merkle.consistency(size, new.size, _nodes(remote, size, new.size))
    return merkle.consistent(size, new.size, root, new.root, path)


def _nodes(remote: Remote, old: int, size: int) -> Node:
    """The hashes that a proof of consistency takes, from the tiles that hold them."""
    asked: list[tuple[int, int]] = []

    def noted(level: int, index: int) -> bytes:
        asked.append((level, index))
        return bytes(HASH)

    merkle.consistency(old, size, noted)
    held = {place: _tile(remote, *place, size) for place in tiles.needed(asked)}
    return tiles.node_from(lambda level, number: held[level, number])


def _tile(remote: Remote, level: int, number: int, size: int) -> bytes:
    width = min(tiles.hashes(size, level) - number * WIDTH, WIDTH)
    return _part(remote, f"tile/{level}", number, width)[: width * HASH].ljust(width * HASH, b"\0")


def _part(remote: Remote, kind: str, number: int, width: int) -> bytes:
    """A tile or bundle of that width; the whole one where the log no longer has the partial one."""
    try:
        return remote.get(f"{LOG}/{kind}/{tiles.path(number, width)}")
    except Missing:
        if width == WIDTH:
            raise
        return remote.get(f"{LOG}/{kind}/{tiles.path(number)}")


def entries(remote: Remote, start: int, stop: int, size: int) -> list[bytes]:
    """The entries after a position up to another, of a log of that size; fewer where it gives fewer."""
    found: list[bytes] = []
    for number in range(start // WIDTH, (stop + WIDTH - 1) // WIDTH):
        width = min(size - number * WIDTH, WIDTH)
        held = list(tiles.unbundled(_part(remote, "tile/entries", number, width)))
        found += held[max(start - number * WIDTH, 0) : min(stop - number * WIDTH, width)]
    return found


def times(remote: Remote, start: int, stop: int) -> list[tuple[str, str]]:
    """Identifier and time recorded of the events after a position, as the service tells them: nothing proves the times.

    ValueError where what it tells is no list of events.
    """
    found: list[tuple[str, str]] = []
    while start + len(found) < stop:
        after, most = start + len(found), min(stop - start - len(found), 1_000)
        page = _told(remote.get(f"/v1/events?after={after}&limit={most}"))
        found += page
        if not page:
            break
    return found


def _told(answer: bytes) -> list[tuple[str, str]]:
    try:
        found = [(each["id"], each["time"]) for each in orjson.loads(answer)["items"]]
    except (LookupError, TypeError) as odd:
        raise ValueError(f"it tells what is no list of events: {odd!r}") from None
    if not all(isinstance(each, str) for pair in found for each in pair):
        raise ValueError("it tells of events whose id or time is no text")
    return found


def shown(told: Checkpoint) -> str:
    """A checkpoint in a line."""
    return f"{told.size} entries with the root {b64encode(told.root).decode()}"
