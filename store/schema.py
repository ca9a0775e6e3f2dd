"""The catalog's tables, and the migrations that bring an older catalog to them.

A migration is a script that takes version n to n + 1; the version stands in SQLite's `user_version`,
and `application_id` tells our file from another program's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

__all__ = ["APPLICATION_ID", "MIGRATIONS", "VERSION", "migrate"]

APPLICATION_ID = 0x504C4D42  # "PLMB"

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

MIGRATIONS: tuple[str, ...] = (_FIRST, _REMOVED_PASSAGES)
"""Script n takes a catalog from version n to n + 1."""

VERSION = len(MIGRATIONS)
"""The schema this program writes."""


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Bring a catalog of `version` to `VERSION`, all or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for script in MIGRATIONS[version:]:
            for statement in _statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
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
