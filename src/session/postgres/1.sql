-- Milliseconds since 1970, by the clock that all instances share.
CREATE FUNCTION daogou_now() RETURNS BIGINT LANGUAGE sql VOLATILE AS 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint';
-- Conversations. `holder` answers the next turn, until `held_until`. `touched` and `weight` stand together in the index: the
-- bounds are watched by reading nothing else.
CREATE TABLE daogou_session (
    id TEXT NOT NULL PRIMARY KEY,
    remembered TEXT NOT NULL,
    turns BIGINT NOT NULL,
    weight BIGINT NOT NULL,
    created BIGINT NOT NULL,
    touched BIGINT NOT NULL,
    holder BIGINT,
    held_until BIGINT
);
CREATE INDEX daogou_session_idle ON daogou_session (touched, weight);
-- Their turns, in order. A turn that is written twice, because nobody heard that it was written, stands here once.
CREATE TABLE daogou_turn (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session TEXT NOT NULL REFERENCES daogou_session (id) ON DELETE CASCADE,
    token BIGINT NOT NULL,
    question TEXT NOT NULL,
    answer BYTEA NOT NULL,
    UNIQUE (session, token)
);
-- Answers come compressed.
ALTER TABLE daogou_turn ALTER COLUMN answer SET STORAGE EXTERNAL;
