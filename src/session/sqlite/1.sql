-- Conversations. `touched` and `weight` stand together in the index: the bounds are watched by reading nothing else.
CREATE TABLE session (
    id TEXT NOT NULL PRIMARY KEY,
    remembered TEXT NOT NULL,
    turns INTEGER NOT NULL,
    weight INTEGER NOT NULL,
    created INTEGER NOT NULL,
    touched INTEGER NOT NULL
) STRICT;
CREATE INDEX session_idle ON session (touched, weight);
-- Their turns, in order. A turn that is written twice, because nobody heard that it was written, stands here once.
CREATE TABLE turn (
    number INTEGER PRIMARY KEY,
    session TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    token INTEGER NOT NULL,
    question TEXT NOT NULL,
    answer BLOB NOT NULL,
    UNIQUE (session, token)
) STRICT;
