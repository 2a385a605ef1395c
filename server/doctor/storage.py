"""The store: reachable, and its tables of this version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from server.doctor.finding import Finding, fail, ok
from server.settings import Settings
from server.store.engine import open_engine
from server.store.migrate import SCRIPTS


def store(settings: Settings) -> Iterator[Finding]:
    """Check that the database answers and whether its tables are of this version."""
    url = sa.make_url(settings.store)
    shown = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        yield ok("store", f"{shown} is not there yet; the server makes it.")
        return
    engine = open_engine(settings.store)
    try:
        with engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
    except sa.exc.SQLAlchemyError as fault:
        cause = str(getattr(fault, "orig", fault)).splitlines()[0]
        yield fail("store", f"{shown} cannot be used: {cause}.")
        return
    finally:
        engine.dispose()
    scripts = ScriptDirectory(str(SCRIPTS))
    newest = scripts.get_current_head()
    known = {script.revision for script in scripts.walk_revisions()}
    if found == newest:
        yield ok("store", f"{shown} answers; its tables are of this version ({found}).")
    elif found is None or found in known:
        yield ok(
            "store", f"{shown} answers; the server brings its tables from {found} to {newest}."
        )
    else:
        yield fail("store", f"{shown} is of a newer version ({found}); run that one.")
