"""Brings the tables of a database to the newest version."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from server.store.engine import WRITING, shared

SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 0x616C6174
"""Key of PostgreSQL's advisory lock: one server migrates, the others wait."""


def upgrade(engine: sa.Engine, revision: str = "head") -> None:
    """Apply the migrations that are missing, all in one transaction.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the database cannot be reached or written.
    """
    with (
        engine.connect().execution_options(**{WRITING: True}) as connection,
        connection.begin(),
    ):
        if shared(engine):
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        config = Config()
        config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
