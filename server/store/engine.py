"""Connections: SQLite in a file with a write-ahead log, PostgreSQL by URL."""

from __future__ import annotations

import fcntl
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import sqlalchemy as sa

BUSY_SECONDS = 2.0
"""How long a write waits for another one's lock before it is refused."""
STATEMENT_SECONDS = 30.0
"""Longest time of a statement on PostgreSQL."""
IDLE_SECONDS = 5.0
"""Longest pause within a transaction on PostgreSQL. A server that is stopped or cut off
in the middle of one would hold its jobs locked, and no other could take them over."""
LOST_SECONDS = 20
"""Time after which a connection is lost on which PostgreSQL acknowledges nothing."""
CONNECT_SECONDS = 5
"""Longest time to reach PostgreSQL."""
READERS = 4
"""Threads, and so connections, that read."""
WRITING = "alatau_writing"
"""Execution option of a connection that is going to write."""


class StoreTaken(OSError):
    """Another server has the SQLite file."""


def open_engine(url: str) -> sa.Engine:
    """Return an engine for ``sqlite:///path`` or ``postgresql://…``.

    Raises
    ------
    ValueError
        If the URL names neither.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise ValueError(f"'{url}' is no URL of a database.") from None
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return _sqlite(parsed)
    if parsed.get_backend_name() == "postgresql":
        return _postgresql(parsed)
    shown = parsed.render_as_string(hide_password=True)
    raise ValueError(f"'{shown}' is neither sqlite:///FILE nor postgresql://HOST/NAME.")


def shared(engine: sa.Engine) -> bool:
    """Return whether several servers may work on the database at once."""
    return engine.dialect.name == "postgresql"


def reserve(engine: sa.Engine) -> int | None:
    """Take a SQLite file for this process until it ends; return the lock's descriptor.

    Raises
    ------
    StoreTaken
        If another process has it.
    OSError
        If the file's folder cannot be written.
    """
    if shared(engine):
        return None
    path = Path(f"{engine.url.database}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        text = f"{engine.url.database} is in use by another server; give `store` another file."
        raise StoreTaken(text) from None
    # Whoever runs the server reads the jobs of all workspaces; nobody else does.
    Path(str(engine.url.database)).touch(mode=0o600)
    return descriptor


def _sqlite(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_size=READERS + 1,
        pool_use_lifo=True,  # the connection used last has its pages at hand
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, record: object) -> None:
        # Transactions begin where they are begun below, not where the driver thinks.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        writing = connection.get_execution_options().get(WRITING, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _postgresql(url: sa.URL) -> sa.Engine:
    if find_spec("psycopg") is None:
        raise ValueError("PostgreSQL needs psycopg; install alatau-router[postgresql].")
    options = (
        f"-c statement_timeout={round(1000 * STATEMENT_SECONDS)} "
        f"-c lock_timeout={round(1000 * BUSY_SECONDS)} "
        f"-c idle_in_transaction_session_timeout={round(1000 * IDLE_SECONDS)} -c timezone=UTC"
    )
    return sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "options": options,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 1000 * LOST_SECONDS,
            "application_name": "alatau-router",
        },
        pool_size=READERS + 1,
        pool_pre_ping=True,
    )
