"""Stores for tests: the same suite runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.store.gateway import Store
from tests.postgres import cluster_or_skip

cluster = pytest.fixture(scope="session")(cluster_or_skip)


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
