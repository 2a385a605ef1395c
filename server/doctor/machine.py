"""The machine: compiled core, clock, disk, memory."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import sqlalchemy as sa

from router.cli.main import version
from server.doctor.finding import Finding, fail, ok, warn
from server.settings import Settings

CORES = ("_core", "_airtaxi", "_fleet", "_skypath", "_skypool")
"""Compiled modules of the library."""
MIB = 2**20
LEAST_DISK, SMALL_DISK = 100 * MIB, 1024 * MIB
"""Free bytes below which a disk fails, or is worth a warning."""
WORKER = 200 * MIB
"""Bytes that a worker process needs for everyday problems."""
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def core(settings: Settings) -> Iterator[Finding]:
    """Check that every compiled module is there and can be loaded."""
    for name in CORES:
        try:
            import_module(f"router.{name}")
        except ImportError as fault:
            yield fail("core", f"router.{name} cannot be loaded ({fault}); run `make build`.")
            return
    yield ok("core", f"Version {version()}; {len(CORES)} compiled modules can be loaded.")


def clock(settings: Settings) -> Iterator[Finding]:
    """Check that it is not earlier than the time at which this program was installed."""
    installed = Path(__file__).stat().st_mtime
    behind = installed - time.time()
    if behind > 60:
        text = f"The clock is {behind / 3600:.1f} hours behind the installation; set it."
        yield fail("clock", text)
    else:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        yield ok("clock", f"It is {now}; tokens, leases and certificates go by it.")


def disk(settings: Settings) -> Iterator[Finding]:
    """Check that there is room where the store and temporary files are."""
    folders = {Path(tempfile.gettempdir())}
    database = sa.make_url(settings.store).database
    if settings.store.startswith("sqlite") and database:
        folders.add(_there(Path(database).absolute().parent))
    for folder in sorted(folders):
        if not folder.is_dir():
            yield fail("disk", f"{folder} is no folder; make it.")
            continue
        if not os.access(folder, os.W_OK):
            yield fail("disk", f"{folder} cannot be written; mend its rights.")
            continue
        free = shutil.disk_usage(folder).free
        text = f"{folder} has {free // MIB} MiB free"
        if free < LEAST_DISK:
            yield fail("disk", f"{text}; at least {LEAST_DISK // MIB} are needed.")
        elif free < SMALL_DISK:
            yield warn("disk", f"{text}; that is little for jobs and uploads.")
        else:
            yield ok("disk", f"{text}.")


def _there(folder: Path) -> Path:
    """Return a folder, or the one above in which the server would make it."""
    return next(each for each in (folder, *folder.parents) if each.exists())


def memory(settings: Settings) -> Iterator[Finding]:
    """Check that there is memory for all workers."""
    count = settings.workers + settings.check_workers + settings.job_workers
    wanted = count * min(WORKER, (settings.worker_memory_mib or 2**20) * MIB)
    there = min(_available(), _limit())
    text = f"{there // MIB} MiB are available to {count} workers"
    if there < wanted:
        yield warn("memory", f"{text}; give {wanted // MIB}, or fewer workers.")
    else:
        yield ok("memory", f"{text}.")


def _available() -> int:
    lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return int(fields["MemAvailable"].split()[0]) * 1024


def _limit() -> int:
    """Return the limit of the container, where there is one."""
    for path in map(Path, _LIMITS):
        if path.is_file() and (text := path.read_text("ascii").strip()).isdecimal():
            return int(text)
    return 2**63
