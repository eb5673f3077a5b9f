"""An append on PostgreSQL: one call of `log_append`, its arguments laid out as PostgreSQL holds them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from select import select
from struct import Struct
from typing import Any, cast

import psycopg
from psycopg import errors
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

from events.block import Block, Outcome
from events.envelope import Sealed

CHUNK_EVENTS = 4_000
CHUNK_BYTES = 16 * 1024 * 1024

_NAME = b"inforce_log_append"
_CALL = (
    b"SELECT refusal, refused, expected_version, found_version, first_position, appended_at"
    b" FROM log_append($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17)"
)
_UUID, _TEXT, _INT8, _INT4, _DATE, _BYTEA = 2950, 25, 20, 23, 1082, 17
_ARRAYS = (2951, 1009, 1009, 1016, 1009, 1007, 1182, 1001, 1001, 1009, 1016, 1009, 1001, 1007, 1007)
_TYPES = (*_ARRAYS, 1184, 1184)
_BINARY = (1,) * len(_TYPES)
_DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)

_length = Struct(">i").pack
_int4 = Struct(">ii").pack
_int8 = Struct(">iq").pack
_long = Struct(">q")
_filled = Struct(">iiIii").pack
_empty = Struct(">iiI").pack
_NULL = _length(-1)
_DAYS = date(2000, 1, 1).toordinal()
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def is_dead(driver: psycopg.Connection[Any]) -> bool:
    """Whether an idle connection is of no more use: it has nothing to read, unless the server said goodbye."""
    return driver.closed or bool(select([driver.fileno()], [], [], 0)[0])


def put(driver: psycopg.Connection[Any], block: Block) -> Outcome:
    """Appends a block after all checks, as much of it at a time as a call should hold; never commits."""
    chunks = _chunks(block.events)
    first = _put(driver, block, next(chunks, ()), None)
    if first.refusal is None:
        for chunk in chunks:
            _put(driver, block, chunk, first.appended_at)
    return first


def _chunks(events: Sequence[Sealed]) -> Iterator[Sequence[Sealed]]:
    start = size = 0
    for index, event in enumerate(events):
        size += len(event.entry)
        if index - start + 1 >= CHUNK_EVENTS or size >= CHUNK_BYTES:
            yield events[start : index + 1]
            start, size = index + 1, 0
    if start < len(events):
        yield events[start:] if start else events


def _put(
    driver: psycopg.Connection[Any], block: Block, chunk: Sequence[Sealed], continued_at: datetime | None
) -> Outcome:
    arguments = cast(
        "list[bytes]", _arguments(block, chunk, continued_at)
    )  # the binding's types leave out that null is allowed
    result = _call(driver, arguments)
    refusal, refused, expected, found, first, at = (result.get_value(0, column) for column in range(6))
    return Outcome(
        refusal.decode() if refusal else None,
        refused.decode() if refused else None,
        _number(expected),
        _number(found),
        _number(first),
        _EPOCH + timedelta(microseconds=_number(at) or 0),
    )


def _call(driver: psycopg.Connection[Any], arguments: Sequence[bytes]) -> PGresult:
    # libpq itself: psycopg's adaptation of 17 arguments takes longer than the call.
    if not driver.autocommit:
        if driver.info.transaction_status == TransactionStatus.IDLE:
            driver.execute(b"SELECT")  # psycopg begins a transaction before a statement of its own alone
        # psycopg forgets every prepared statement, ours too, when a transaction in which it prepared one is rolled back;
        # to find out takes longer than to have the call parsed.
        return _done(driver, driver.pgconn.exec_params(_CALL, arguments, _TYPES, _BINARY, 1))
    try:
        return _execute(driver, arguments)
    except errors.InvalidSqlStatementName:
        _done(driver, driver.pgconn.prepare(_NAME, _CALL, _TYPES))
        return _execute(driver, arguments)


def _execute(driver: psycopg.Connection[Any], arguments: Sequence[bytes]) -> PGresult:
    return _done(driver, driver.pgconn.exec_prepared(_NAME, arguments, _BINARY, 1))


def _done(driver: psycopg.Connection[Any], result: PGresult) -> PGresult:
    if result.status not in _DONE:
        if driver.closed:
            raise psycopg.OperationalError(result.error_message.decode(errors="replace"))
        raise errors.error_from_result(result, encoding=driver.info.encoding)
    return result


def _number(value: bytes | None) -> int | None:
    return None if value is None else int(_long.unpack(value)[0])


def _arguments(block: Block, chunk: Sequence[Sealed], continued_at: datetime | None) -> list[bytes | None]:
    first = continued_at is None
    keys, expected = (block.keys, block.expected) if first else ((), {})
    return [
        *_columns(chunk),
        _texts(expected),
        _int8s(expected.values()),
        _texts([part.key.value for part in keys]),
        _byteas([part.key.digest for part in keys]),
        _int4s([part.offset for part in keys]),
        _int4s([part.size for part in keys]),
        _moment(block.sent_at),
        None if continued_at is None else _moment(continued_at),
    ]


def _columns(chunk: Sequence[Sealed]) -> list[bytes]:
    columns = zip(*chunk, strict=True) if chunk else ((),) * 9
    ids, codes, streams, versions, types, schemas, days, entries, hashes = columns
    return [
        _array(_UUID, [_length(16) + bytes.fromhex(text.replace("-", "")) for text in ids]),
        _texts(codes),
        _texts(streams),
        _int8s(versions),
        _texts(types),
        _int4s(schemas),
        _array(_DATE, [_NULL if day is None else _int4(4, day.toordinal() - _DAYS) for day in days]),
        _byteas(entries),
        _byteas(hashes),
    ]


def _array(element: int, items: Sequence[bytes]) -> bytes:
    if not items:
        return _empty(0, 0, element)
    return _filled(1, 1, element, len(items), 1) + b"".join(items)


def _texts(values: Iterable[str]) -> bytes:
    return _byteas([value.encode() for value in values], _TEXT)


def _byteas(values: Sequence[bytes], element: int = _BYTEA) -> bytes:
    return _array(element, [_length(len(value)) + value for value in values])


def _int8s(values: Iterable[int]) -> bytes:
    return _array(_INT8, [_int8(8, value) for value in values])


def _int4s(values: Iterable[int]) -> bytes:
    return _array(_INT4, [_int4(4, value) for value in values])


def _moment(value: datetime) -> bytes:
    return _long.pack((value - _EPOCH) // _MICROSECOND)
