"""Group commit: many threads append, one transaction serves all that wait, and each gets its own outcome."""

import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import psycopg
from sqlalchemy import Connection, Engine

from events.driver_errors import translated
from events.envelope import Pending, Sealed
from events.errors import Conflict, Unavailable
from events.postgresql import is_dead
from events.receipt import Key, Receipt, Request, sealed
from events.store import append_sealed

AT_ONCE = 200
"""The most events that callers share a call for; a longer append goes alone."""

PATIENCE = 3.0
"""Seconds that an append waits for its turn before it gives up."""


class _Ticket:
    """One caller's request, and a lock that opens when there is an outcome or when it is this caller's turn to lead."""

    __slots__ = ("names", "outcome", "ready", "request", "turn")

    def __init__(self, request: Request, ready: Sequence[Sealed]) -> None:
        self.request, self.ready = request, ready
        # A key must not be taken for a stream: no stream's name holds a line feed.
        self.names = request.expected.keys() | {f"\n{request.key.value}"} if request.key else request.expected.keys()
        self.outcome: Receipt | BaseException | None = None
        self.turn = threading.Lock()
        self.turn.acquire()


class Appender:
    """Appends and commits for any number of threads; a caller that finds nobody at work does the work for all that wait."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._line = _Line(engine)
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._waiting: list[_Ticket] = []
        self._led = False
        self._closed = False

    def append(self, events: Sequence[Pending], expected: Mapping[str, int], key: Key | None = None) -> Receipt:
        """Appends all the events durably or, with a refusal naming why, none; several callers may share a transaction."""
        request = Request(events, expected, key)
        ticket = _Ticket(request, sealed(request, datetime.now(UTC)))
        with self._lock:
            if self._closed:
                raise Unavailable("the appender is closed; nothing was written")
            self._waiting.append(ticket)
            leads, self._led = not self._led, True
        if not leads:
            self._wait(ticket)
        if ticket.outcome is None:
            self._lead(ticket)
        if isinstance(ticket.outcome, Receipt):
            return ticket.outcome
        raise ticket.outcome or Unavailable("the append was cut short; nothing was written")

    def close(self) -> None:
        """Refuses new appends and returns when those at work have their outcome."""
        with self._idle:
            self._closed = True
            self._idle.wait_for(lambda: not self._led)
            self._line.close()

    def __enter__(self) -> Self:
        """Ready at once: nothing runs until somebody appends."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Closed."""
        self.close()

    def _wait(self, ticket: _Ticket) -> None:
        if ticket.turn.acquire(timeout=PATIENCE):
            return
        with self._lock:
            if ticket in self._waiting and ticket.turn.locked():
                self._waiting.remove(ticket)
                raise Unavailable(f"the log is busy: no turn within {PATIENCE:g} s; nothing was written")
        # It is being written: only its outcome tells whether it was.
        ticket.turn.acquire()

    def _lead(self, own: _Ticket) -> None:
        batch = [own]
        try:
            batch = self._take(own)
            self._serve(batch)
        finally:
            for ticket in batch:
                if ticket is not own:
                    ticket.turn.release()
            self._hand_over()

    def _take(self, own: _Ticket) -> list[_Ticket]:
        """The tickets to serve now: in their order, no stream and no key twice, so that each meets the version it expects."""
        with self._lock:
            self._waiting.remove(own)
            batch = [own]
            if not self._waiting:
                return batch
            later, names, size = [], set(own.names), len(own.ready)
            for ticket in self._waiting:
                if names.isdisjoint(ticket.names) and size + len(ticket.ready) <= AT_ONCE:
                    batch.append(ticket)
                    size += len(ticket.ready)
                else:
                    later.append(ticket)
                names |= ticket.names
            self._waiting = later
        return batch

    def _hand_over(self) -> None:
        with self._idle:
            if self._waiting:
                self._waiting[0].turn.release()
            else:
                self._led = False
                self._idle.notify_all()

    def _serve(self, batch: Sequence[_Ticket]) -> None:
        try:
            receipts = self._append(batch)
        except Conflict as refusal:
            if len(batch) == 1:
                batch[0].outcome = refusal
                return
            for ticket in batch:
                self._serve([ticket])
        except BaseException as error:
            for ticket in batch:
                ticket.outcome = error
            if not isinstance(error, Exception):
                raise
        else:
            for ticket, receipt in zip(batch, receipts, strict=True):
                ticket.outcome = receipt

    def _append(self, batch: Sequence[_Ticket]) -> list[Receipt]:
        requests, ready = [t.request for t in batch], [t.ready for t in batch]
        if sum(map(len, ready)) > AT_ONCE:
            # More than one call of the database may be needed: a transaction around them.
            with translated(), self._engine.begin() as connection:
                return append_sealed(connection, requests, ready, datetime.now(UTC))
        return self._line.append(requests, ready)


class _Line:
    """The connection that an appender keeps for itself; one call on it is one transaction, committed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._used = 0.0

    def append(self, requests: Sequence[Request], ready: Sequence[Sequence[Sealed]]) -> list[Receipt]:
        try:
            with translated():
                connection = self._open()
                if connection.dialect.name == "postgresql":
                    return append_sealed(connection, requests, ready, datetime.now(UTC))
                with connection.begin():
                    return append_sealed(connection, requests, ready, datetime.now(UTC))
        except Conflict:
            raise
        except BaseException:
            self.close(broken=True)
            raise

    def close(self, *, broken: bool = False) -> None:
        """Gives the connection back, or throws it away; the next append opens another."""
        connection, self._connection = self._connection, None
        if connection is None or connection.closed:
            return
        driver = connection.connection.driver_connection
        if broken:
            connection.invalidate()
        elif isinstance(driver, psycopg.Connection):
            driver.autocommit = False
        connection.close()

    def _open(self) -> Connection:
        now = time.monotonic()
        self._used, last = now, self._used
        if self._connection is not None:
            driver = self._connection.connection.driver_connection
            if now - last < 1 or not isinstance(driver, psycopg.Connection) or not is_dead(driver):
                return self._connection
            self.close(broken=True)
        self._connection = connection = self._engine.connect()
        driver = connection.connection.driver_connection
        if isinstance(driver, psycopg.Connection):
            # One statement is one transaction then, and one round trip.
            driver.autocommit = True
        return connection
