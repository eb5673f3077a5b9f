"""The key that secrets are encrypted with: the one in the settings, else a file of this machine, made once."""

import base64
import binascii
import os
from pathlib import Path

from events.errors import Unavailable
from services.settings import Settings

SIZE = 32
FILE = "secret.key"


class NoKey(Unavailable):
    """There is no usable key; the message says where one was looked for, and nothing of what was found."""

    problem = "secret-key"


def key(settings: Settings, *, make: bool = False) -> bytes:
    """The key; made, readable for its owner alone, where there is none and one may be made."""
    if settings.secret_key is not None:
        return _decoded(settings.secret_key.get_secret_value(), "INFORCE_SECRET_KEY")
    path = settings.data_dir / FILE
    try:
        if make and not path.exists():
            _make(path)
        return _decoded(path.read_text("ascii"), str(path))
    except FileNotFoundError:
        raise NoKey(f"no key for the secrets: neither INFORCE_SECRET_KEY nor {path} is there") from None
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not text"
        raise NoKey(f"the key for the secrets cannot be had from {path}: {why}") from None


def _decoded(text: str, where: str) -> bytes:
    try:
        found = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise NoKey(f"{where} is no base64; expected {SIZE} bytes in base64") from None
    if len(found) != SIZE:
        raise NoKey(f"{where} holds {len(found)} bytes; expected {SIZE} in base64")
    return found


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{FILE}.{os.getpid()}.{os.urandom(4).hex()}")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(file, "wb") as opened:
            opened.write(base64.b64encode(os.urandom(SIZE)) + b"\n")
            opened.flush()
            os.fsync(file)
        # Whole or not there, and never in place of one that another process made meanwhile.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
