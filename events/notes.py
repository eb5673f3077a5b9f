"""Signed notes (c2sp.org/signed-note, Ed25519) and the checkpoints that are their text; read as x/mod's `sumdb/note` reads."""

import base64
import re
from collections.abc import Collection, Iterable
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from events.errors import Rejected
from events.merkle import HASH

MOST_SIGNATURES = 100
_ED25519 = b"\x01"
_DASH = "\u2014 "
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


class BadKey(Rejected):
    """A text is no signer or verifier key; the message never repeats a private one."""


class BadNote(Rejected):
    """A note is malformed, or not signed as it must be."""


class Verifier(NamedTuple):
    """A public key under the name of who signs with it."""

    name: str
    key_id: bytes
    public: bytes

    def text(self) -> str:
        """The verifier key `<name>+<key id>+<key>`."""
        return f"{self.name}+{self.key_id.hex()}+{_written(_ED25519 + self.public)}"

    def accepts(self, text: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's over the text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature:
            return False
        return True


class Signer(NamedTuple):
    """A private key under the name of who signs with it; the seed is never shown."""

    verifier: Verifier
    seed: bytes

    def __repr__(self) -> str:
        return f"Signer({self.verifier.text()})"

    def text(self) -> str:
        """The signer key `PRIVATE+KEY+<name>+<key id>+<seed>`: a secret."""
        name, key_id, _ = self.verifier
        return f"PRIVATE+KEY+{name}+{key_id.hex()}+{_written(_ED25519 + self.seed)}"


class Note(NamedTuple):
    """A text and who signed it, of those whose keys were known; other signatures are counted."""

    text: str
    signed_by: tuple[Verifier, ...]
    unknown: int


class Checkpoint(NamedTuple):
    """What a log says of itself: its origin, how many entries it has, the root of their tree."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The text that is signed: three lines."""
        return f"{self.origin}\n{self.size}\n{_written(self.root)}\n"


def signer_of(name: str, seed: bytes) -> Signer:
    """The signer of that name with an Ed25519 seed of 32 bytes."""
    if not _is_name(name) or not name.isprintable():
        raise BadKey(f"{name[:80]!r} is no name for a key: expected one without spaces and without +")
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return Signer(Verifier(name, _key_id(name, _ED25519 + public), public), seed)


def signer(text: str) -> Signer:
    """The signer in a signer key; BadKey where it is none."""
    private, _, rest = text.partition("PRIVATE+KEY+")
    name, key_id, key = _parts(rest)
    if private or len(key) != 1 + HASH or key[:1] != _ED25519:
        raise BadKey("malformed signer key: expected PRIVATE+KEY+<name>+<key id>+<base64 of 0x01 and 32 bytes>")
    found = signer_of(name, key[1:])
    if found.verifier.key_id != key_id:
        raise BadKey(f"the signer key of {name} has key id {key_id.hex()}, its key gives another: it is damaged")
    return found


def verifier(text: str) -> Verifier:
    """The verifier in a verifier key; BadKey where it is none."""
    name, key_id, key = _parts(text)
    if len(key) != 1 + HASH or key[:1] != _ED25519:
        raise BadKey(f"{text[:120]!r} is no verifier key: expected <name>+<key id>+<base64 of 0x01 and 32 bytes>")
    if key_id != _key_id(name, key):
        raise BadKey(f"the verifier key of {name} has key id {key_id.hex()}, its key gives {_key_id(name, key).hex()}")
    return Verifier(name, key_id, key[1:])


def sign(text: str, signers: Iterable[Signer]) -> bytes:
    """The text with one signature line of each signer."""
    signed = text.encode()
    if not text.endswith("\n") or not _is_plain(text):
        raise BadNote("a note's text ends in a newline and has no other control character")
    return signed + b"\n" + b"".join(_line(each, signed) for each in signers)


def _line(by: Signer, signed: bytes) -> bytes:
    signature = Ed25519PrivateKey.from_private_bytes(by.seed).sign(signed)
    return f"{_DASH}{by.verifier.name} {_written(by.verifier.key_id + signature)}\n".encode()


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


def checkpoint(text: str) -> Checkpoint:
    """The checkpoint in a note's text; BadNote where it is none."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0] or not _SIZE.fullmatch(lines[1]):
        raise BadNote("no checkpoint: expected three lines, an origin, a size and a root")
    root = _read(lines[2])
    if root is None or len(root) != HASH:
        raise BadNote(f"no checkpoint: the root is {lines[2][:80]!r}, expected 32 bytes in base64")
    return Checkpoint(lines[0], int(lines[1]), root)


_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


def checkpoint_in(message: bytes, known: Collection[Verifier]) -> Checkpoint:
    """The checkpoint in a note that a known key has signed under the log's own name; BadNote where there is none."""
    note = opened(message, known)
    found = checkpoint(note.text)
    if found.origin not in {each.name for each in note.signed_by}:
        raise BadNote(f"the checkpoint is of {found.origin!r}, signed by {note.signed_by[0].name!r}")
    return found


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
    raw = _read(written)
    if not line.startswith(_DASH) or not _is_name(name) or raw is None or len(raw) < 5:
        raise BadNote(f"malformed signature line {line[:120]!r}")
    return name, raw[:4], raw[4:]


def _parts(text: str) -> tuple[str, bytes, bytes]:
    """Name, key id and key; split at the first pluses, since base64 holds them too; empty where they are not."""
    name, _, rest = text.partition("+")
    key_id, _, written = rest.partition("+")
    key = _read(written)
    if not _is_name(name) or not re.fullmatch(r"[0-9a-fA-F]{8}", key_id) or key is None:
        return name, b"", b""
    return name, bytes.fromhex(key_id), key


def _key_id(name: str, key: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + key).digest()[:4]


def _is_name(name: str) -> bool:
    return bool(name) and not any(each.isspace() or each == "+" or "\ud800" <= each <= "\udfff" for each in name)


def _is_plain(text: str) -> bool:
    return all(each >= " " or each == "\n" for each in text)


def _written(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _read(text: str) -> bytes | None:
    return base64.b64decode(text) if _BASE64.fullmatch(text) else None
