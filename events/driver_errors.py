"""What a database's driver reports, said in our four words; never with the password of its URL."""

import sqlite3
from typing import Literal

import psycopg
from psycopg import errors
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from events.errors import Rejected, Unavailable

_GONE_OR_BUSY = (
    psycopg.OperationalError,
    errors.ReadOnlySqlTransaction,
    errors.IdleInTransactionSessionTimeout,
    errors.InFailedSqlTransaction,
)
_FILE_TROUBLE = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOTADB,
}
_NOT_MIGRATED = (errors.UndefinedTable, errors.UndefinedFunction, errors.UndefinedColumn)


class translated:  # noqa: N801 - reads as a word in a `with`
    """Inside it a database that is down, locked, full or too slow is `Unavailable`, one that lacks our tables is `Rejected`."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> Literal[False]:
        """Says a driver's error in our words; any other goes on as it is."""
        if isinstance(error, PoolTimeout):
            raise Unavailable("the database is busy: no connection became free in time; nothing was written") from error
        if isinstance(error, DBAPIError | psycopg.Error | sqlite3.Error):
            refusal = refusal_of(error.orig if isinstance(error, DBAPIError) else error)
            if refusal is not None:
                raise refusal from error
        return False


def refusal_of(error: BaseException | None) -> Exception | None:
    """The refusal that a driver's error amounts to; None for what is a fault of ours."""
    if isinstance(error, errors.LockNotAvailable | errors.QueryCanceled | errors.DeadlockDetected):
        return Unavailable(f"the database is busy: {_one_line(error)}; nothing was written")
    if isinstance(error, _GONE_OR_BUSY):
        return Unavailable(f"the database did not answer: {_one_line(error)}")
    if isinstance(error, _NOT_MIGRATED):
        return Rejected(f"the database is not as this release needs it ({_one_line(error)}): run `inforce migrate`")
    if isinstance(error, errors.InvalidTransactionState):
        return Rejected(f"{_one_line(error)}; nothing was written")
    if isinstance(error, errors.InsufficientPrivilege):
        return Rejected(f"the database refuses this role: {_one_line(error)}")
    if isinstance(error, sqlite3.OperationalError) and "no such table" in str(error):
        return Rejected(f"the database is not as this release needs it ({_one_line(error)}): run `inforce migrate`")
    if isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & 0xFF in _FILE_TROUBLE:
        return Unavailable(f"the database file did not serve: {_one_line(error)}")
    return None


def _one_line(error: BaseException) -> str:
    primary = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    return " ".join((primary or str(error) or type(error).__name__).split())[:300]
