"""The keys of signed notes (Ed25519), as x/mod's `sumdb/note` writes them."""

import re
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from events.base64s import read, written
from events.errors import Rejected
from events.hashing import HASH

_ED25519 = b"\x01"


class BadKey(Rejected):
    """A text is no signer or verifier key; the message never repeats a private one."""


class Verifier(NamedTuple):
    """A public key under the name of who signs with it."""

    name: str
    key_id: bytes
    public: bytes

    def text(self) -> str:
        """The verifier key `<name>+<key id>+<key>`."""
        return f"{self.name}+{self.key_id.hex()}+{written(_ED25519 + self.public)}"

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
        return f"PRIVATE+KEY+{name}+{key_id.hex()}+{written(_ED25519 + self.seed)}"


def signer_of(name: str, seed: bytes) -> Signer:
    """The signer of that name with an Ed25519 seed of 32 bytes."""
    if not is_name(name) or not name.isprintable():
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


def _parts(text: str) -> tuple[str, bytes, bytes]:
    """Name, key id and key; split at the first pluses, since base64 holds them too; empty where they are not."""
    name, _, rest = text.partition("+")
    key_id, _, written = rest.partition("+")
    key = read(written)
    if not is_name(name) or not re.fullmatch(r"[0-9a-fA-F]{8}", key_id) or key is None:
        return name, b"", b""
    return name, bytes.fromhex(key_id), key


def _key_id(name: str, key: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + key).digest()[:4]


def is_name(name: str) -> bool:
    """Whether a key can bear the name: not empty, no space, no plus."""
    return bool(name) and not any(each.isspace() or each == "+" or "\ud800" <= each <= "\udfff" for each in name)
