CREATE TABLE event_log (
    position        bigint PRIMARY KEY CHECK (position > 0),
    id              uuid NOT NULL UNIQUE,
    code            text NOT NULL,
    stream          text NOT NULL,
    stream_version  bigint NOT NULL CHECK (stream_version > 0),
    type            text NOT NULL,
    schema_version  integer NOT NULL,
    effective_on    date,
    recorded_at     timestamptz NOT NULL,
    entry           bytea NOT NULL CHECK (length(entry) <= 65535),
    leaf_hash       bytea NOT NULL CHECK (length(leaf_hash) = 32),
    UNIQUE (stream, stream_version)
);

CREATE INDEX event_log_by_code ON event_log (code, position);

CREATE TABLE event_key (
    key             text PRIMARY KEY,
    digest          bytea NOT NULL,
    first_position  bigint NOT NULL,
    event_count     integer NOT NULL,
    recorded_at     timestamptz NOT NULL
);

CREATE FUNCTION log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER event_log_keeps_what_it_holds BEFORE UPDATE OR DELETE OR TRUNCATE ON event_log
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only();

CREATE TRIGGER event_key_keeps_what_it_holds BEFORE UPDATE OR DELETE OR TRUNCATE ON event_key
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only();

-- Appends events in the order of the arrays, or says in `refusal` why not, having written nothing: 'clock', 'key' (known
-- already, `refused` is the key) or 'version' (`refused` is the stream). The caller's transaction holds the log from here on.
-- A call with `continued_at` goes on with an append that this transaction began: the checks were done by its first call.
CREATE FUNCTION log_append(
    ids uuid[], codes text[], streams text[], stream_versions bigint[], types text[], schema_versions integer[],
    effective_ons date[], entries bytea[], leaf_hashes bytea[],
    expected_streams text[], expected_versions bigint[],
    keys text[], digests bytea[], offsets integer[], counts integer[],
    sent_at timestamptz, continued_at timestamptz,
    OUT refusal text, OUT refused text, OUT expected_version bigint, OUT found_version bigint,
    OUT first_position bigint, OUT appended_at timestamptz
) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    ignored text;  -- an assignment is evaluated at once, where PERFORM would plan and run a query
BEGIN
    IF continued_at IS NULL THEN
        IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
            RAISE EXCEPTION 'an append runs READ COMMITTED, this transaction is %',
                upper(current_setting('transaction_isolation')) USING ERRCODE = 'invalid_transaction_state';
        END IF;
        IF abs(extract(epoch FROM clock_timestamp() - sent_at)) > 5 THEN
            refusal := 'clock';
            appended_at := clock_timestamp();
            RETURN;
        END IF;
        -- Every statement below takes its snapshot after the lock is granted: READ COMMITTED, a volatile function.
        ignored := pg_advisory_xact_lock(7236271837492736);
        -- A client that stops between append and commit must not hold the log for ever.
        ignored := set_config('idle_in_transaction_session_timeout', '10s', true);
        IF keys <> '{}' THEN
            SELECT k.key INTO refused FROM event_key k WHERE k.key = ANY (keys) LIMIT 1;
            IF FOUND THEN
                refusal := 'key';
                RETURN;
            END IF;
        END IF;
        IF cardinality(expected_streams) = 1 THEN
            -- The most frequent case by itself: without the scan of arrays it takes half the time.
            refused := expected_streams[1];
            expected_version := expected_versions[1];
            SELECT e.stream_version INTO found_version FROM event_log e
                WHERE e.stream = refused ORDER BY e.stream_version DESC LIMIT 1;
            found_version := coalesce(found_version, 0);
        ELSE
            SELECT s.stream, s.version, coalesce(h.version, 0) INTO refused, expected_version, found_version
                FROM unnest(expected_streams, expected_versions) AS s(stream, version)
                LEFT JOIN LATERAL (
                    SELECT e.stream_version AS version FROM event_log e
                    WHERE e.stream = s.stream ORDER BY e.stream_version DESC LIMIT 1
                ) h ON true
                WHERE s.version <> coalesce(h.version, 0) LIMIT 1;
        END IF;
        IF expected_version <> found_version THEN
            refusal := 'version';
            RETURN;
        END IF;
    END IF;
    SELECT e.position + 1, e.recorded_at INTO first_position, appended_at
        FROM event_log e ORDER BY e.position DESC LIMIT 1;
    first_position := coalesce(first_position, 1);
    appended_at := coalesce(continued_at, greatest(clock_timestamp(), appended_at));
    IF keys <> '{}' THEN
        INSERT INTO event_key (key, digest, first_position, event_count, recorded_at)
            SELECT k.key, k.digest, log_append.first_position + k.first, k.count, appended_at
            FROM unnest(keys, digests, offsets, counts) AS k(key, digest, first, count);
    END IF;
    IF cardinality(ids) = 1 THEN
        INSERT INTO event_log (position, id, code, stream, stream_version, type, schema_version, effective_on,
                               recorded_at, entry, leaf_hash)
            VALUES (first_position, ids[1], codes[1], streams[1], stream_versions[1], types[1], schema_versions[1],
                    effective_ons[1], appended_at, entries[1], leaf_hashes[1]);
        RETURN;
    END IF;
    INSERT INTO event_log (position, id, code, stream, stream_version, type, schema_version, effective_on,
                           recorded_at, entry, leaf_hash)
        SELECT first_position + e.n - 1, e.id, e.code, e.stream, e.version, e.type, e.schema_version, e.effective_on,
               appended_at, e.entry, e.leaf_hash
        FROM unnest(ids, codes, streams, stream_versions, types, schema_versions, effective_ons, entries, leaf_hashes)
             WITH ORDINALITY AS e(id, code, stream, version, type, schema_version, effective_on, entry, leaf_hash, n);
END
$$;
