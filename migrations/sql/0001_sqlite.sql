CREATE TABLE event_log (
    position        INTEGER PRIMARY KEY CHECK (position > 0),
    id              TEXT NOT NULL UNIQUE,
    code            TEXT NOT NULL,
    stream          TEXT NOT NULL,
    stream_version  INTEGER NOT NULL CHECK (stream_version > 0),
    type            TEXT NOT NULL,
    schema_version  INTEGER NOT NULL,
    effective_on    TEXT,
    recorded_at     TEXT NOT NULL,
    entry           BLOB NOT NULL CHECK (length(entry) <= 65535),
    leaf_hash       BLOB NOT NULL CHECK (length(leaf_hash) = 32),
    UNIQUE (stream, stream_version)
);

CREATE INDEX event_log_by_code ON event_log (code, position);

CREATE TABLE event_key (
    key             TEXT PRIMARY KEY,
    digest          BLOB NOT NULL,
    first_position  INTEGER NOT NULL,
    event_count     INTEGER NOT NULL,
    recorded_at     TEXT NOT NULL
);

CREATE TRIGGER event_log_keeps_what_it_holds BEFORE UPDATE ON event_log
BEGIN
    SELECT RAISE(ABORT, 'event_log is append-only: UPDATE is refused');
END;

CREATE TRIGGER event_log_loses_nothing BEFORE DELETE ON event_log
BEGIN
    SELECT RAISE(ABORT, 'event_log is append-only: DELETE is refused');
END;

-- INSERT OR REPLACE deletes without asking the trigger above: so nothing goes in over a row that is there, nor beside a gap.
CREATE TRIGGER event_log_only_grows_at_its_end BEFORE INSERT ON event_log
WHEN NEW.position IS NOT coalesce((SELECT max(position) FROM event_log), 0) + 1
  OR EXISTS (SELECT 1 FROM event_log WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM event_log WHERE stream = NEW.stream AND stream_version = NEW.stream_version)
BEGIN
    SELECT RAISE(ABORT, 'event_log is append-only: a new event takes the next position, its id and stream version are new');
END;

CREATE TRIGGER event_key_keeps_what_it_holds BEFORE UPDATE ON event_key
BEGIN
    SELECT RAISE(ABORT, 'event_key is append-only: UPDATE is refused');
END;

CREATE TRIGGER event_key_loses_nothing BEFORE DELETE ON event_key
BEGIN
    SELECT RAISE(ABORT, 'event_key is append-only: DELETE is refused');
END;

CREATE TRIGGER event_key_is_never_replaced BEFORE INSERT ON event_key
WHEN EXISTS (SELECT 1 FROM event_key WHERE key = NEW.key)
BEGIN
    SELECT RAISE(ABORT, 'event_key is append-only: the key is there already');
END;
