"""An append on PostgreSQL: one call of `log_append`, its arrays passed as PostgreSQL holds them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from struct import Struct
from typing import Any, NamedTuple, cast

import psycopg
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

from events.block import Block, Outcome
from events.envelope import Sealed
from events.errors import Rejected

_LENGTH = Struct(">i").pack
_INT4 = Struct(">ii").pack
_INT8 = Struct(">iq").pack
_FULL = Struct(">iiIii").pack
_EMPTY = Struct(">iiI").pack
_NULL = _LENGTH(-1)
_EPOCH = date(2000, 1, 1).toordinal()

_CALL = (
    "SELECT refusal, refused, expected_version, found_version, first_position, appended_at"
    " FROM log_append(%b,%b,%b,%b,%b,%b,%b,%b,%b,%b,%b,%b,%b,%b,%b,%b,%b)"
)


class BinaryArray(NamedTuple):
    """An array in PostgreSQL's binary form, and its type's OID."""

    oid: int
    data: bytes


class _ArrayDumper(Dumper):
    format = Format.BINARY

    def get_key(self, obj: BinaryArray, format: object) -> Any:  # noqa: A002, ANN401 - psycopg's names and types
        return (BinaryArray, obj.oid)

    def upgrade(self, obj: BinaryArray, format: object) -> Dumper:  # noqa: A002 - psycopg's name
        dumper = _ArrayDumper(BinaryArray)
        dumper.oid = obj.oid
        return dumper

    def dump(self, obj: BinaryArray) -> Buffer:
        return obj.data


psycopg.adapters.register_dumper(BinaryArray, _ArrayDumper)


def put(
    driver: psycopg.Connection[Any], block: Block, chunk: Sequence[Sealed], continued_at: datetime | None
) -> Outcome:
    """Appends a chunk of a block, the first one after all checks; never commits."""
    first = continued_at is None
    keys = block.keys if first else ()
    expected = block.expected if first else {}
    ids, codes, streams, versions, types, schemas, days, entries, hashes = (
        zip(*chunk, strict=True) if chunk else ((),) * 9
    )
    arguments = (
        _array(2950, 2951, (_LENGTH(16) + _uuid(i) for i in ids), len(ids)),
        _texts(codes),
        _texts(streams),
        _int8s(versions),
        _texts(types),
        _int4s(schemas),
        _array(1082, 1182, (_NULL if d is None else _INT4(4, d.toordinal() - _EPOCH) for d in days), len(days)),
        _byteas(entries),
        _byteas(hashes),
        _texts(expected),
        _int8s(expected.values()),
        _texts([k.key.value for k in keys]),
        _byteas([k.key.digest for k in keys]),
        _int4s([k.offset for k in keys]),
        _int4s([k.size for k in keys]),
        block.sent_at,
        continued_at,
    )
    with driver.cursor(binary=True) as cursor:
        row = cursor.execute(_CALL, arguments, prepare=True).fetchone()
    return Outcome._make(cast("tuple[Any, ...]", row))


def _array(element: int, array: int, items: Iterable[bytes], count: int) -> BinaryArray:
    if not count:
        return BinaryArray(array, _EMPTY(0, 0, element))
    return BinaryArray(array, _FULL(1, 1, element, count, 1) + b"".join(items))


def _texts(values: Iterable[str]) -> BinaryArray:
    return _framed(25, 1009, [value.encode() for value in values])


def _byteas(values: Sequence[bytes]) -> BinaryArray:
    return _framed(17, 1001, values)


def _framed(element: int, array: int, values: Sequence[bytes]) -> BinaryArray:
    return _array(element, array, (part for value in values for part in (_LENGTH(len(value)), value)), len(values))


def _int8s(values: Iterable[int]) -> BinaryArray:
    items = [_INT8(8, value) for value in values]
    return _array(20, 1016, items, len(items))


def _int4s(values: Sequence[int]) -> BinaryArray:
    return _array(23, 1007, (_INT4(4, value) for value in values), len(values))


def _uuid(text: str) -> bytes:
    try:
        raw = bytes.fromhex(text.replace("-", ""))
    except ValueError:
        raw = b""
    if len(raw) != 16:
        raise Rejected(f"event id {text[:80]!r} is no UUID; nothing was written")
    return raw
