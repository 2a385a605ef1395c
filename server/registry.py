"""Jobs by name: what a worker process can be asked to do.

A job is ``run(request, seat) -> response`` on serialised messages. Each part of
the library registers its jobs in a module of :mod:`server.parts`, imported by
name, so that a server process never loads a solver. The environment variable
:data:`INSTEAD` names other modules, for a server with jobs of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module

from server.workers.seat import Seat

Job = Callable[[bytes, Seat], bytes]

INSTEAD = "ALATAU_JOB_MODULES"
"""Environment variable: the modules to load in place of :data:`MODULES`,
separated by commas."""
MODULES = (
    "server.parts.airtaxi",
    "server.parts.fleet_size",
    "server.parts.docks",
    "server.parts.flows",
    "server.parts.routes",
)
"""Modules that register jobs when imported."""

_jobs: dict[str, Job] = {}


def register(name: str, job: Job) -> None:
    """Make ``job`` known as ``name``, e.g. ``routes.solve``.

    Raises
    ------
    ValueError
        If the name is taken.
    """
    if name in _jobs:
        raise ValueError(f"job '{name}' is registered twice.")
    _jobs[name] = job


def replace(name: str, job: Job) -> None:
    """Put ``job`` in the place of a registered one, e.g. to watch or break it.

    Raises
    ------
    KeyError
        If there is none.
    """
    if name not in _jobs:
        raise KeyError(name)
    _jobs[name] = job


def names() -> tuple[str, ...]:
    """Return the names of all jobs."""
    return tuple(_jobs)


def load() -> None:
    """Import every module that registers jobs."""
    named = [name for name in os.environ.get(INSTEAD, "").split(",") if name]
    for module in named or MODULES:
        import_module(module)


def job(name: str) -> Job:
    """Return the job of a name.

    Raises
    ------
    KeyError
        If there is none.
    """
    return _jobs[name]
