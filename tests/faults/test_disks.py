"""The disk is full, fails or is read-only, or the database is locked: a sentence, no loss."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from alatau.jobs.v1 import jobs_pb2

from tests.faults.history import History
from tests.faults.promises import breaches
from tests.faults.traffic import Client, client, until
from tests.server.test_faults import run_server
from tests.serving import ServerProcess, running_server

RUNNING = jobs_pb2.SolveJob.STATE_RUNNING


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk of 2 MiB, or skip where none may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no disk may be mounted here (that needs root)")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def held_against(asking: Client, trouble: AbstractContextManager[object], cause: str) -> None:
    """Have a job end during the trouble, and others asked for before, in and after it."""
    running = asking.create("before", 1.0)
    assert running is not None
    until(lambda: asking.get(running).state == RUNNING)
    with trouble:
        assert asking.create("meanwhile", 0.1) is None
        assert cause in asking.refusal
        assert "Nothing acknowledged is lost" in asking.refusal
        assert not asking.get(running).done
    assert asking.create("meanwhile", 0.1) is not None
    assert asking.create("after", 0.1) is not None
    asking.finish()


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold the lock of a database."""
    with sqlite3.connect(file, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
    other.close()


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Leave no byte of a disk."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue
    yield
    filler.unlink()


@contextmanager
def short_of_room(server: ServerProcess, file: Path) -> Iterator[None]:
    """Let the server write no byte beyond the size that its files have."""
    size = min(each.stat().st_size for each in file.parent.glob(f"{file.name}-wal"))
    _, most = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, most))
    yield
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (most, most))


def test_a_locked_database(tmp_path: Path) -> None:
    """Another process holds the lock for as long as a job takes to end."""
    history, file = History(), tmp_path / "jobs.db"
    with (
        running_server(tmp_path, store=f"sqlite:///{file}") as server,
        client(server.address, history) as asking,
    ):
        held_against(asking, locked(file), "locked by another process")
    assert breaches(history) == []


def test_a_full_disk(tmp_path: Path, disk: Path) -> None:
    """Not a byte is left; then there is room again."""
    history = History()
    with (
        running_server(tmp_path, store=f"sqlite:///{disk}/jobs.db") as server,
        client(server.address, history) as asking,
    ):
        held_against(asking, filled(disk), "the disk is full")
    assert breaches(history) == []


def test_writes_that_the_system_refuses(tmp_path: Path) -> None:
    """A limit on the size of files stands for a disk that fails."""
    history, file = History(), tmp_path / "jobs.db"
    with (
        running_server(tmp_path, store=f"sqlite:///{file}", log_level="error") as server,
        client(server.address, history) as asking,
    ):
        held_against(asking, short_of_room(server, file), "the disk")
    assert breaches(history) == []


def test_a_read_only_disk(tmp_path: Path, disk: Path) -> None:
    """A server does not start on it and says why; on a writable one its jobs are there."""
    history, store = History(), f"sqlite:///{disk}/jobs.db"
    with (
        running_server(tmp_path, store=store) as server,
        client(server.address, history) as asking,
    ):
        assert asking.create("before", 0.1) is not None
        asking.finish()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    refused = run_server(ALATAU_STORE=store, ALATAU_PORT="0")
    assert refused.returncode == 1
    assert "ead-only" in refused.stderr
    assert "Traceback" not in refused.stderr
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    with (
        running_server(tmp_path, store=store) as server,
        client(server.address, history) as asking,
    ):
        asking.finish()
    assert breaches(history) == []
