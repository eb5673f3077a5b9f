"""Documents named on the command line to their bytes, or a refusal that names the file."""

import mimetypes
import sys
from pathlib import Path
from typing import BinaryIO

from events.errors import Rejected

_FORMS = ("text/csv", "text/html")
"""Texts whose form says where the cells are."""


class NoSuchDocument(Rejected):
    """The path names nothing that can be read as a document; the message names it and what was found there."""


STANDARD_INPUT = Path("-")


def document(path: Path, max_bytes: int) -> bytes:
    """The bytes of the document at that path; one over the limit is refused before more than the limit is read."""
    if path == STANDARD_INPUT:
        return _whole(sys.stdin.buffer, name(path), max_bytes)
    if path.is_dir():
        raise NoSuchDocument(f"{path} is a directory; expected a document")
    try:
        with path.open("rb") as file:
            return _whole(file, str(path), max_bytes)
    except FileNotFoundError:
        raise NoSuchDocument(f"{path}: no such file") from None
    except (OSError, ValueError) as error:
        raise NoSuchDocument(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _whole(file: BinaryIO, called: str, max_bytes: int) -> bytes:
    data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise NoSuchDocument(
            f"{called} is larger than {max_bytes} bytes (INFORCE_MAX_SOURCE_BYTES); nothing of it was read"
        )
    return data


def media_type(path: Path) -> str:
    """The media type that the file's name stands for; plain text for every text that is not a form of its own."""
    guessed = mimetypes.guess_type(path.name)[0] or "text/plain"
    return guessed if guessed in _FORMS or not guessed.startswith("text/") else "text/plain"


def name(path: Path) -> str:
    """The file's name; bytes in it that are no UTF-8 are replaced."""
    if path == STANDARD_INPUT:
        return "standard input"
    return path.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
