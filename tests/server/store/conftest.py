"""Stores for tests: the same suite runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from server.store.gateway import Store
from tests.postgres import MISSING, Cluster, programs, running_cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Run a PostgreSQL cluster, or skip and say so."""
    if programs() is None:
        pytest.skip(MISSING)
    with running_cluster() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/jobs.db"
    fresh: str = request.getfixturevalue("cluster").new_database()
    return fresh


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    """Open a store on an empty database."""
    opened = Store(url)
    await opened.open()
    yield opened
    await opened.close()
