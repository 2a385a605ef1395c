"""What went wrong with the database, in words that an operator can act on."""

from __future__ import annotations

import sqlite3

import sqlalchemy as sa

from server.errors import Reason, ServiceError
from server.store.migrate import NewerStore

RETRY_SECONDS = 1.0
"""When a caller may try again."""

_SQLITE = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_READONLY": "the database is read-only",
    "SQLITE_BUSY": "the database is locked by another process",
    "SQLITE_LOCKED": "the database is locked by another process",
    "SQLITE_CANTOPEN": "the database file cannot be opened",
    "SQLITE_CORRUPT": "the database file is damaged",
    "SQLITE_NOTADB": "the file is no database",
    "SQLITE_IOERR": "the disk fails",
    "SQLITE_PERM": "the database may not be written",
}
_POSTGRESQL = {
    "53100": "the disk is full",
    "25006": "the database is read-only",
    "25P03": "a transaction paused for too long",
    "55P03": "a row is locked for too long",
    "40P01": "a deadlock was resolved",
    "40001": "a transaction has to be repeated",
    "57014": "a statement took too long",
    "53": "the database has no resources left",
    "57P": "the database is restarting",
    "08": "the connection to the database is lost",
    "28": "the database refuses the credentials",
}


def cause(fault: sa.exc.SQLAlchemyError | NewerStore) -> str:
    """Return in a few words what is wrong with the database; never its parameters."""
    if isinstance(fault, NewerStore):
        return str(fault)
    origin = getattr(fault, "orig", None)
    if isinstance(origin, sqlite3.Error):
        name = getattr(origin, "sqlite_errorname", None) or ""
        words = next((text for code, text in _SQLITE.items() if name.startswith(code)), None)
        return words or f"the database fails ({name or type(origin).__name__})"
    state = getattr(origin, "sqlstate", None)
    if state is None:
        return "the database cannot be reached"
    words = next((text for code, text in _POSTGRESQL.items() if state.startswith(code)), None)
    return words or f"the database fails (SQLSTATE {state})"


def unavailable(fault: sa.exc.SQLAlchemyError) -> ServiceError:
    """Return the error of a call that the database has failed."""
    words = cause(fault)
    text = f"Nothing can be stored or read now: {words}. Nothing acknowledged is lost; try again."
    return ServiceError(
        Reason.STORE_UNAVAILABLE, text, {"cause": words}, retry_seconds=RETRY_SECONDS
    )
