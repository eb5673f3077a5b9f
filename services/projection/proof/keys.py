"""The signing key's file: one signer key a line, the newest first; made once, never replaced, never shown."""

import os
import secrets
from pathlib import Path
from stat import S_IWGRP, S_IWOTH
from tempfile import mkstemp

from events import notes
from events.errors import NotFound, Rejected
from events.notes import BadKey, Signer

MOST = 8
"""More keys than this never sign at once."""


class NoKey(NotFound):
    """There is no signing key where the settings say it is."""


class OpenKey(Rejected):
    """A key that others may replace says nothing of who signed."""


class KeyExists(Rejected):
    """A key is never replaced by a new one."""


def load(path: Path) -> list[Signer]:
    """The signers in a key file, the newest first, all under one name; NoKey or BadKey where they are not there to be had."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise NoKey(f"no signing key at {path}: `inforce key new` makes one for a log that has none") from None
    except UnicodeDecodeError:
        raise BadKey(f"the signing key {path} is damaged: it is no text; put its backup in its place") from None
    _refuse_open(path)
    return [_signer(path, number, line) for number, line in enumerate(lines, 1)] if _few(path, lines) else []


def _refuse_open(path: Path) -> None:
    mode = path.stat().st_mode
    if mode & (S_IWGRP | S_IWOTH):
        raise OpenKey(f"others may change the signing key {path} (mode {mode & 0o777:03o}): `chmod 600` it")


def _few(path: Path, lines: list[str]) -> bool:
    if not 0 < len(lines) <= MOST:
        raise BadKey(
            f"the signing key {path} is damaged: {len(lines)} lines, expected 1 to {MOST}; put its backup there"
        )
    names = {line.split("+")[2] for line in lines if line.count("+") > 3}
    if len(names) > 1:
        raise BadKey(f"the signing key {path} has keys of {len(names)} names; a log has one")
    return True


def _signer(path: Path, number: int, line: str) -> Signer:
    try:
        return notes.signer(line)
    except BadKey as damage:
        raise BadKey(f"the signing key {path} is damaged in line {number}: {damage}; put its backup there") from None


def new_origin() -> str:
    """A name for a log that nobody has named: no other log's, and no address."""
    return f"inforce.invalid/{secrets.token_hex(8)}"


def new_signer(origin: str) -> Signer:
    """A new key pair under that name."""
    return notes.signer_of(origin, secrets.token_bytes(32))


def make(path: Path, origin: str) -> Signer:
    """Makes the key file, readable by its owner alone; KeyExists where there is one, or where one has signed before."""
    if last_file(path).exists():
        raise KeyExists(f"{last_file(path)} says what a key at {path} has signed: put that key back")
    signer = new_signer(origin)
    put(path, signer.text().encode() + b"\n", new=True)
    return signer


def rewrite(path: Path, signers: list[Signer]) -> None:
    """Replaces the signers that the file holds, all at once."""
    put(path, "".join(f"{each.text()}\n" for each in signers).encode())


def last_file(path: Path) -> Path:
    """Where the last checkpoint that a key has signed is kept: beside the key."""
    return path.with_name(path.name + ".last")


def put(path: Path, content: bytes, *, new: bool = False) -> None:
    """Writes a file of mode 0600 whole and durably, or not at all; KeyExists where a new one is there already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(handle, "wb") as written:
            written.write(content)
            written.flush()
            os.fsync(handle)
        if new:
            _link(name, path)
        else:
            os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)
    _sync(path.parent)


def _link(source: str, path: Path) -> None:
    try:
        os.link(source, path)
    except FileExistsError:
        raise KeyExists(f"there is a signing key at {path} already: it is never replaced") from None


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
