"""Stores of earlier releases are opened by this one: nothing is lost, work goes on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alatau.jobs.v1 import jobs_pb2

from server.store.engine import WRITING, open_engine
from server.store.gateway import Store
from server.store.migrate import upgrade
from tests.faults.history import Asked, History, State
from tests.faults.promises import breaches
from tests.faults.traffic import client
from tests.serving import running_server

RELEASES = sorted((Path(__file__).parent / "releases").glob("*.sql"))
ENDS = {
    "succeeded": State.STATE_SUCCEEDED,
    "cancelled": State.STATE_CANCELLED,
    "failed": State.STATE_FAILED,
    "running": State.STATE_SUCCEEDED,
    "queued": State.STATE_SUCCEEDED,
}
every_release = pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.stem)


def thawed(release: Path, file: Path) -> None:
    """Make a SQLite store of a release's SQL."""
    with closing(sqlite3.connect(file)) as database:
        database.executescript(release.read_text(encoding="utf-8"))


def copied(file: Path, url: str, revision: str) -> None:
    """Copy a SQLite store into an empty database of the same revision."""
    source, target = open_engine(f"sqlite:///{file}"), open_engine(url)
    upgrade(target, revision)
    tables = sa.MetaData()
    tables.reflect(target)
    with (
        source.connect() as reading,
        target.connect().execution_options(**{WRITING: True}) as writing,
        writing.begin(),
    ):
        for table in tables.sorted_tables:
            if table.name != "alembic_version":
                rows = [dict(row) for row in reading.execute(sa.select(table)).mappings()]
                if rows:
                    writing.execute(sa.insert(table), rows)
    source.dispose()
    target.dispose()


def finished(folder: Path, store: str) -> dict[str, jobs_pb2.SolveJob]:
    """Run a server on a store until all jobs have ended; return them by request id."""
    history = History()
    with (
        running_server(folder, store=store, job_workers=1) as server,
        client(server.address, history) as asking,
    ):
        for job in asking.all():
            history.asked.append(Asked(job.request_id, 0.0, 0.0, "OK", job.name))
        for request_id in ENDS:
            assert asking.create(request_id, 9.0) is None  # another request of the same id
            assert history.asked[-1].code == "ALREADY_EXISTS"
        asking.finish()
        found = [asking.get(name) for name in history.acknowledged()]
    assert breaches(history) == []
    return {job.request_id: job for job in found}


def test_there_is_a_store_of_every_revision() -> None:
    """Each migration has a frozen store of the release that had it."""
    versions = Path(__file__).parents[3] / "server/store/migrations/versions"
    revisions = {path.stem[1:5] for path in versions.glob("v*.py")}
    assert {path.stem for path in RELEASES} == revisions


@every_release
def test_an_earlier_sqlite_store(tmp_path: Path, release: Path) -> None:
    """What was done is as it was; what ran or waited is done now; request ids still count."""
    thawed(release, tmp_path / "jobs.db")
    jobs = finished(tmp_path, f"sqlite:///{tmp_path}/jobs.db")
    assert {name: job.state for name, job in jobs.items()} == ENDS
    assert [event.state for event in jobs["running"].history][3] == State.STATE_QUEUED
    assert jobs["failed"].error.violations
    assert jobs["succeeded"].labels == {"release": "frozen"}


@every_release
def test_an_earlier_postgresql_store(
    tmp_path: Path, release: Path, request: pytest.FixtureRequest
) -> None:
    """The same rows in PostgreSQL at the release's revision."""
    url: str = request.getfixturevalue("cluster").new_database()
    thawed(release, tmp_path / "frozen.db")
    copied(tmp_path / "frozen.db", url, release.stem)
    jobs = finished(tmp_path, url)
    assert {name: job.state for name, job in jobs.items()} == ENDS


async def test_a_store_of_a_later_version_is_left_alone(url: str) -> None:
    """Who goes back to an earlier version is told so; the store is as it was."""
    store = Store(url)
    await store.open()
    await store.write(lambda c: c.execute(sa.text("UPDATE alembic_version SET version_num='9'")))
    await store.close()
    for _ in range(2):
        earlier = Store(url)
        with pytest.raises(OSError, match="a later version of the server has changed its tables"):
            await earlier.open()
        await earlier.close()
