"""Bytes of a text document to its characters, or a refusal that says what was found, what was expected, and where."""

import codecs

from events.errors import Rejected


class UnreadableSource(Rejected):
    """The document is not what it was given as; the message names what was found, what was expected, and where."""


class TooLarge(Rejected):
    """The document is larger than this service reads; the message names both sizes."""


_OTHER_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_KNOWN_FORMATS = ((b"%PDF-", "a PDF"), (b"PK\x03\x04", "a ZIP archive (DOCX, XLSX)"), (b"\x1f\x8b", "a gzip archive"))
_CONTROLS = frozenset(range(32)) - {9, 10, 11, 12, 13, 27, 28, 29, 30, 31}


def decode(data: bytes, max_bytes: int) -> str:
    """The text of UTF-8 bytes, a byte-order mark left out and nothing else changed; anything else is refused."""
    if len(data) > max_bytes:
        raise TooLarge(f"the source is {len(data)} bytes; expected at most {max_bytes}")
    _refuse_other_formats(data)
    body = data.removeprefix(codecs.BOM_UTF8)
    skipped = len(data) - len(body)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        at = error.start + skipped
        raise UnreadableSource(
            f"found byte 0x{data[at]:02x} at byte {at} ({_place(data[skipped:at])}), which is no UTF-8; expected UTF-8 text"
        ) from None
    if not text.strip():
        raise UnreadableSource(f"the source is empty ({len(data)} bytes); expected the text of a version-control table")
    return text


def _refuse_other_formats(data: bytes) -> None:
    for mark, name in _OTHER_MARKS:
        if data.startswith(mark):
            raise UnreadableSource(f"found {name} (its byte-order mark at byte 0); expected UTF-8 text")
    for magic, name in _KNOWN_FORMATS:
        if data.startswith(magic):
            raise UnreadableSource(f"found {name} at byte 0; expected UTF-8 text")
    at = _first_control(data)
    if at is not None:
        what = "a NUL byte" if data[at] == 0 else f"control byte 0x{data[at]:02x}"
        raise UnreadableSource(f"found {what} at byte {at} ({_place(data[:at])}); expected UTF-8 text, not binary")


def _first_control(data: bytes) -> int | None:
    places = [at for at in (data.find(control) for control in _CONTROLS) if at >= 0]
    return min(places, default=None)


def _place(before: bytes) -> str:
    text = before.decode("utf-8", errors="replace")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return f"line {len(lines)}, character {len(lines[-1]) + 1}"
