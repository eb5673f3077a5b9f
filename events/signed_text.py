"""Signed notes (c2sp.org/signed-note): texts with signature lines, read as x/mod's `sumdb/note` reads them."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from events.base64s import read, written
from events.errors import Rejected
from events.note_keys import Signer, Verifier, is_name

MOST_SIGNATURES = 100
_DASH = "\u2014 "


class BadNote(Rejected):
    """A note is malformed, or not signed as it must be."""


class Note(NamedTuple):
    """A text and who signed it, of those whose keys were known; other signatures are counted."""

    text: str
    signed_by: tuple[Verifier, ...]
    unknown: int


def sign(text: str, signers: Iterable[Signer]) -> bytes:
    """The text with one signature line of each signer."""
    signed = text.encode()
    if not text.endswith("\n") or not _is_plain(text):
        raise BadNote("a note's text ends in a newline and has no other control character")
    return signed + b"\n" + b"".join(_line(each, signed) for each in signers)


def _line(by: Signer, signed: bytes) -> bytes:
    signature = Ed25519PrivateKey.from_private_bytes(by.seed).sign(signed)
    return f"{_DASH}{by.verifier.name} {written(by.verifier.key_id + signature)}\n".encode()


def opened(message: bytes, known: Collection[Verifier]) -> Note:
    """A note at least one known key has signed; BadNote where it is malformed, unsigned, or a known key's signature is wrong."""
    text, lines = _halves(message)
    keys = {(each.name, each.key_id): each for each in known}
    if len(keys) < len(set(known)):
        raise BadNote("two of the known keys have one name and one key id")
    signed: dict[Verifier, None] = {}
    unknown = 0
    for line in lines:
        name, key_id, signature = _signature(line)
        by = keys.get((name, key_id))
        if by is None:
            unknown += 1
        elif by not in signed:
            if not by.accepts(text.encode(), signature):
                raise BadNote(f"the signature of {name}+{key_id.hex()} is not that key's over this text")
            signed[by] = None
    if not signed:
        raise BadNote(
            f"the note has no signature of {', '.join(sorted(f'{n}+{i.hex()}' for n, i in keys)) or 'any key'}"
        )
    return Note(text, tuple(signed), unknown)


def _halves(message: bytes) -> tuple[str, list[str]]:
    try:
        whole = message.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadNote(f"a note is UTF-8, this one is not at byte {error.start}") from None
    text, between, signatures = whole.rpartition("\n\n")
    if not between or not signatures.endswith("\n") or not _is_plain(whole):
        raise BadNote("malformed note: expected a text, an empty line and signature lines, without control characters")
    lines = signatures.split("\n")[:-1]
    if len(lines) > MOST_SIGNATURES:
        raise BadNote(f"a note with {len(lines)} signatures; at most {MOST_SIGNATURES} are read")
    return text + "\n", lines


def _signature(line: str) -> tuple[str, bytes, bytes]:
    name, _, written = line.removeprefix(_DASH).partition(" ")
    raw = read(written)
    if not line.startswith(_DASH) or not is_name(name) or raw is None or len(raw) < 5:
        raise BadNote(f"malformed signature line {line[:120]!r}")
    return name, raw[:4], raw[4:]


def _is_plain(text: str) -> bool:
    return all(each >= " " or each == "\n" for each in text)
