"""Brings the tables of a database to the newest version."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from server.store.engine import WRITING, shared

SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 0x616C6174
"""Key of PostgreSQL's advisory lock: one server migrates, the others wait."""


class NewerStore(Exception):
    """The tables are of a later version; the argument says what to do."""


def upgrade(engine: sa.Engine, revision: str = "head") -> None:
    """Apply the migrations that are missing, all in one transaction.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the database cannot be reached or written.
    NewerStore
        If a later version has brought the tables beyond this one.
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
        _check_known(connection, config)
        command.upgrade(config, revision)


def _check_known(connection: sa.Connection, config: Config) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if not set(MigrationContext.configure(connection).get_current_heads()) <= known:
        text = "a later version of the server has changed its tables; start that one, or one newer"
        raise NewerStore(text)
