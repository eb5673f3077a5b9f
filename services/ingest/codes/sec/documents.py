"""Documents that have no letter yet, by their titles: one or a list of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.ingest.codes.sec.cursor import Cursor
from services.ingest.codes.sec.found import Target
from services.ingest.codes.sec.heads import REFERENCE, at_part, take_determiner
from services.ingest.codes.sec.names import read_reference
from services.ingest.codes.sec.titles import read_title, read_version, take_abbreviation
from services.ingest.codes.sec.vocabulary import (
    CODE_NAMES,
    DOCUMENT_NOUNS,
    FOREIGN_PARTS,
    KINDS,
    SUBSIDIARY,
    VERSION_OF,
    phrases,
)
from services.ingest.sources.words import Word, phrase

_LEADS = phrases((("provisions", "for"), ("provisions", "on"), ("provisions", "of"), ("provisions", "relating", "to")))
_SLUG = re.compile(r"[\W_]+")


@dataclass(slots=True)
class _Title:
    """A title as places among the words: with its article and brackets [begin, end), of its own words [first, last)."""

    begin: int
    first: int
    last: int
    end: int
    version: str | None
    part: tuple[str, str] | None
    closed: bool


def slug(title: str) -> str:
    """The reference of a document without a letter: lower case, runs of anything but letters and digits one hyphen."""
    return _SLUG.sub("-", title.lower()).strip("-")


def read_documents(cursor: Cursor) -> list[Target]:
    """The documents named from here on, each title ending as a document's does or said to be a Subsidiary Document."""
    start = cursor.at
    pieces = _read_pieces(cursor)
    subsidiary = _subsidiary_follows(cursor)
    titles = _grouped(pieces, cursor.words, subsidiary)
    if not titles or not all(subsidiary or title.part or _is_document(title, cursor.words) for title in titles):
        cursor.at = start
        return []
    return [_target(title, cursor.words) for title in titles]


def _read_pieces(cursor: Cursor) -> list[_Title]:
    """Titles as the commas and `and`s divide them; what is one title in truth is put together afterwards."""
    pieces: list[_Title] = []
    while (piece := _read_piece(cursor)) is not None:
        pieces.append(piece)
        if _subsidiary_follows(cursor) or not (cursor.take(",") | cursor.take("and")):
            break
        cursor.take("and")
    if pieces:
        cursor.at = pieces[-1].end
    return pieces


def _read_piece(cursor: Cursor) -> _Title | None:
    begin = cursor.at
    while take_determiner(cursor) or cursor.take_phrase(VERSION_OF) or cursor.take_phrase(_LEADS):
        pass
    first = cursor.at
    if cursor.done() or not cursor.words[first].capital or cursor.low() in KINDS or cursor.low() in FOREIGN_PARTS:
        cursor.at = begin
        return None
    if not read_title(cursor, "", loose=False, single=True):
        cursor.at = begin
        return None
    last = cursor.at
    part = _bracketed_part(cursor)
    abbreviated = take_abbreviation(cursor)
    part = part or _as_part(cursor)
    closed = abbreviated or part is not None
    version = read_version(cursor)
    return _Title(begin, first, last, cursor.at, version, part, closed or version is not None)


def _bracketed_part(cursor: Cursor) -> tuple[str, str] | None:
    """`(Section X9)` after a title: the part that it is the title of."""
    start = cursor.at
    if cursor.take("("):
        cursor.take_any(CODE_NAMES)
        kind = KINDS.get(cursor.low())
        if kind is not None:
            cursor.step()
            if REFERENCE[kind].fullmatch(cursor.text()):
                ref = read_reference(cursor, kind)
                if cursor.take(")"):
                    return kind, ref
    cursor.at = start
    return None


def _as_part(cursor: Cursor) -> tuple[str, str] | None:
    """`as Appendix AT` after a title: the part that it is from then on."""
    start = cursor.at
    if cursor.take("as"):
        cursor.take("a")
        cursor.take("new")
        if at_part(cursor):
            cursor.take_any(CODE_NAMES)
            kind = KINDS[cursor.low()]
            cursor.step()
            return kind, read_reference(cursor, kind)
    cursor.at = start
    return None


def _grouped(pieces: Sequence[_Title], words: Sequence[Word], subsidiary: bool) -> list[_Title]:
    """Pieces put together to titles: a new one begins only where the one before has ended as a title does."""
    last_ended = max((at for at, piece in enumerate(pieces) if _ended(piece, words)), default=-1)
    titles: list[_Title] = []
    for at, piece in enumerate(pieces):
        articled = subsidiary and piece.first > piece.begin
        several = piece.last - piece.first > 1 or piece.first > piece.begin or not _ended(piece, words)
        whole = articled or (several and at <= last_ended)
        if not titles or (whole and (articled or _ended(titles[-1], words))):
            titles.append(replace(piece))
        else:
            titles[-1] = replace(piece, begin=titles[-1].begin, first=titles[-1].first)
    return titles


def _ended(title: _Title, words: Sequence[Word]) -> bool:
    return title.closed or _is_document(title, words)


def _is_document(title: _Title, words: Sequence[Word]) -> bool:
    return words[title.last - 1].low in DOCUMENT_NOUNS


def _subsidiary_follows(cursor: Cursor) -> bool:
    start = cursor.at
    found = bool(cursor.take_phrase(SUBSIDIARY))
    cursor.at = start
    return found


def _target(title: _Title, words: Sequence[Word]) -> Target:
    name = phrase(words[title.first : title.last])
    kind, ref = title.part or ("document", slug(name))
    own = list(words[title.begin : title.end])
    return Target(kind, ref, own, title=name, spec_version=title.version, stem=own)
