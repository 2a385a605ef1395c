"""A real PostgreSQL cluster for tests, where its programs are installed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

SETTINGS = ("fsync=off", "listen_addresses=", "max_connections=200", "shared_buffers=32MB")
"""No test needs the cluster to survive a power cut; it listens on a socket only."""


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, the newest there is."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return folders[-1] if folders else None


MISSING = "PostgreSQL is not installed (no initdb on PATH or in /usr/lib/postgresql)"


@dataclass(slots=True)
class Cluster:
    """A running cluster in a folder of its own."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None
    databases: int = 0

    def url(self, name: str) -> str:
        """Return the URL of a database of the cluster."""
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def new_database(self) -> str:
        """Make a database and return its URL."""
        self.databases += 1
        name = f"test{self.databases}"
        engine = sa.create_engine(
            sa.make_url(self.url("postgres")).set(drivername="postgresql+psycopg"),
            isolation_level="AUTOCOMMIT",
        )
        with engine.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return self.url(name)

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        binary = programs()
        assert binary is not None
        options = [part for setting in SETTINGS for part in ("-c", setting)]
        command = [binary / "postgres", "-D", self.folder / "data", "-k", self.folder, *options]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*_as_postgres(), *map(str, command)], stderr=log, stdout=log
            )
        ready = [binary / "pg_isready", "-q", "-h", self.folder]
        end = time.monotonic() + 30
        while subprocess.run(list(map(str, ready)), check=False).returncode != 0:
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < end, "the cluster does not start"
            time.sleep(0.05)

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT is fast, SIGQUIT at once, as after a crash."""
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(30)


def _as_postgres() -> list[str]:
    """PostgreSQL refuses to run as root; become its own user then."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Make a cluster, start it, and remove it afterwards."""
    binary = programs()
    assert binary is not None, MISSING
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        command = [binary / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust"]
        made = subprocess.run(
            [*_as_postgres(), *map(str, command), "--no-sync", "-E", "UTF8", "--locale=C"],
            check=False,
            capture_output=True,
            text=True,
            cwd=folder,
        )
        assert made.returncode == 0, made.stderr
        cluster = Cluster(folder)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def cluster_or_skip() -> Iterator[Cluster]:
    """Run a PostgreSQL cluster, or skip and say so; a fixture of any scope is made of it."""
    if programs() is None:
        pytest.skip(MISSING)
    with running_cluster() as running:
        yield running
