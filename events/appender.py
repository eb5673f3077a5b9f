"""Group commit: many threads append, one transaction serves all that wait, and each gets its own outcome."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import psycopg
from sqlalchemy import Connection, Engine

from events.driver_errors import translated
from events.envelope import Pending, Sealed
from events.errors import Conflict, Unavailable
from events.reading import driver_of
from events.receipt import Key, Receipt, Request, sealed
from events.store import CHUNK_BYTES, CHUNK_EVENTS, append_sealed

PATIENCE = 3.0
"""Seconds that an append waits for its turn before it gives up."""


class _Ticket:
    """One caller's request, and a lock that opens when there is an outcome or when it is this caller's turn to lead."""

    __slots__ = ("names", "outcome", "ready", "request", "turn")

    def __init__(self, request: Request, ready: Sequence[Sealed]) -> None:
        self.request, self.ready = request, ready
        self.names = {("stream", stream) for stream in request.expected}
        if request.key:
            self.names.add(("key", request.key.value))
        self.outcome: Receipt | BaseException | None = None
        self.turn = threading.Lock()
        self.turn.acquire()


class Appender:
    """Appends and commits for any number of threads; a caller that finds nobody at work does the work for all that wait."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
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
            batch, later, names, size = [own], [], set(own.names), len(own.ready)
            for ticket in self._waiting:
                if names.isdisjoint(ticket.names) and size + len(ticket.ready) <= CHUNK_EVENTS:
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
        large = sum(map(len, ready)) > CHUNK_EVENTS or sum(len(e.entry) for r in ready for e in r) > CHUNK_BYTES
        with translated(), self._engine.begin() as connection, nullcontext() if large else _at_once(connection):
            return append_sealed(connection, requests, ready, datetime.now(UTC))


@contextmanager
def _at_once(connection: Connection) -> Iterator[None]:
    """Inside it a statement on PostgreSQL is a transaction: one round trip instead of three."""
    driver = driver_of(connection)
    if not isinstance(driver, psycopg.Connection):
        yield
        return
    driver.autocommit = True
    try:
        yield
    finally:
        if not driver.closed:
            driver.autocommit = False
