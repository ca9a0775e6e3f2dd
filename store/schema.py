"""The tables of our files, and the migrations that bring an older file to them.

A migration is a script that takes version n to n + 1; the version stands in SQLite's `user_version`,
and `application_id` tells our file from another program's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["CATALOG", "SESSIONS", "Schema", "migrate"]


@dataclass(frozen=True, slots=True)
class Schema:
    """What stands in one file. Script n of `migrations` takes it from version n to n + 1."""

    what: str
    application_id: int
    migrations: tuple[str, ...]

    @property
    def version(self) -> int:
        """The version this program writes."""
        return len(self.migrations)


_FIRST = """
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE papers (
    paper_id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    abstract TEXT NOT NULL,
    authors TEXT NOT NULL,
    year INTEGER,
    date TEXT,
    venue TEXT,
    doi TEXT,
    arxiv_id TEXT,
    url TEXT,
    source TEXT,
    organisation TEXT,
    author_count INTEGER,
    votes INTEGER,
    tags TEXT NOT NULL,
    raw_title TEXT NOT NULL,
    raw_abstract TEXT NOT NULL,
    folded_title TEXT NOT NULL,
    generation INTEGER NOT NULL
);
CREATE INDEX papers_year ON papers (year);
CREATE INDEX papers_title ON papers (folded_title);
CREATE INDEX papers_generation ON papers (generation);

CREATE TABLE passages (
    passage_id TEXT PRIMARY KEY,
    paper_id TEXT NOT NULL REFERENCES papers (paper_id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    text_hash BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX passages_paper ON passages (paper_id, start);
CREATE INDEX passages_hash ON passages (text_hash);

CREATE TABLE sentences (
    paper_id TEXT NOT NULL REFERENCES papers (paper_id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    text_hash BLOB NOT NULL,
    PRIMARY KEY (paper_id, position)
) WITHOUT ROWID;
CREATE INDEX sentences_hash ON sentences (text_hash);

CREATE TABLE vectors (
    text_hash BLOB PRIMARY KEY,
    vector BLOB NOT NULL
);

CREATE TABLE identities (
    key TEXT PRIMARY KEY,
    paper_id TEXT NOT NULL REFERENCES papers (paper_id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX identities_paper ON identities (paper_id);

CREATE TABLE records (
    record_key BLOB PRIMARY KEY,
    paper_id TEXT NOT NULL REFERENCES papers (paper_id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    source TEXT NOT NULL,
    locator TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX records_paper ON records (paper_id);
CREATE INDEX records_source ON records (source);

CREATE TABLE removals (
    paper_id TEXT PRIMARY KEY,
    generation INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE runs (
    run_id INTEGER PRIMARY KEY,
    started TEXT NOT NULL,
    finished TEXT,
    paths TEXT NOT NULL,
    added INTEGER NOT NULL DEFAULT 0,
    updated INTEGER NOT NULL DEFAULT 0,
    duplicates INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE failures (
    run_id INTEGER NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    locator TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX failures_run ON failures (run_id);

INSERT INTO meta VALUES ('generation', '0');
"""

_REMOVED_PASSAGES = """
CREATE TABLE removed_passages (
    passage_id TEXT PRIMARY KEY,
    generation INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TRIGGER passage_removed AFTER DELETE ON passages BEGIN
    INSERT OR REPLACE INTO removed_passages
    VALUES (old.passage_id, (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'generation')); END;
CREATE TRIGGER passage_added AFTER INSERT ON passages BEGIN
    DELETE FROM removed_passages WHERE passage_id = new.passage_id; END;
"""

_SESSIONS = """
CREATE TABLE sessions (
    session_id INTEGER PRIMARY KEY AUTOINCREMENT,
    started TEXT NOT NULL,
    changed TEXT NOT NULL,
    revision INTEGER NOT NULL,
    state TEXT NOT NULL
);

CREATE TABLE turns (
    session_id INTEGER NOT NULL REFERENCES sessions (session_id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    question TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (session_id, number)
);
"""

CATALOG = Schema("library", 0x504C4D42, (_FIRST, _REMOVED_PASSAGES))  # "PLMB"
SESSIONS = Schema("record of conversations", 0x504C4D53, (_SESSIONS,))  # "PLMS"


def migrate(connection: sqlite3.Connection, version: int, schema: Schema = CATALOG) -> None:
    """Bring a file of `version` to the schema's, all or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for script in schema.migrations[version:]:
            for statement in _statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {schema.application_id}")
        connection.execute(f"PRAGMA user_version = {schema.version}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _statements(script: str) -> Iterator[str]:
    """The script's statements one by one: `executescript` would commit each."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
