"""Jobs that misbehave in known ways, for the tests of workers and server."""

from __future__ import annotations

import os
import resource
import time
from functools import partial
from pathlib import Path

import numpy as np

from router.errors import InvalidInput, Violation
from router.solving import Progress
from server.registry import register
from server.workers.seat import Seat


def echo(request: bytes, seat: Seat) -> bytes:
    """Return the request."""
    return request


def whoami(request: bytes, seat: Seat) -> bytes:
    """Return the process id."""
    return str(os.getpid()).encode()


def refuse(request: bytes, seat: Seat) -> bytes:
    """Find two faults."""
    raise InvalidInput(
        [Violation("NEGATIVE", "a", "is -1; it must be 0 or more."), Violation("X", "b", "is x.")]
    )


def fail(request: bytes, seat: Seat) -> bytes:
    """Have a bug."""
    raise RuntimeError("a bug")


def search(request: bytes, seat: Seat) -> bytes:
    """Search until the limit or the stop flag, reporting every millisecond."""
    found = 0

    def encode(progress: Progress, plan: object | None) -> bytes:
        return f"{progress.iterations} {plan}".encode()

    monitor = seat.reporting(encode, incumbents=True)
    end = time.monotonic() + seat.solve_seconds()
    while time.monotonic() < end and not monitor.stopped():
        found += 1
        monitor.report(Progress(seconds=0.0, iterations=found), partial("plan {}".format, found))
        time.sleep(0.001)
    return b"stopped" if monitor.stopped() else b"limit"


def stubborn(request: bytes, seat: Seat) -> bytes:
    """Hear nothing for ten seconds."""
    time.sleep(10)
    return b"late"


def chatty(request: bytes, seat: Seat) -> bytes:
    """Print to standard output, as some solver libraries do."""
    print("noise")  # noqa: T201 - that it prints is the point
    os.write(1, b"more noise\n")
    return request


def die(request: bytes, seat: Seat) -> bytes:
    """Die as often as there are lines missing in the file named."""
    path, times = request.decode().rsplit(":", 1)
    with Path(path).open("a+") as file:
        file.seek(0)
        if len(file.readlines()) < int(times):
            file.write("died\n")
            file.flush()
            os.kill(os.getpid(), 9)
    return b"alive"


def arrays(request: bytes, seat: Seat) -> bytes:
    """Fill and free four arrays of 8 MB; return how many pages the system had to give."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    made = [np.ones(1_000_000) for _ in range(4)]
    given = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
    del made
    return str(given).encode()


for _job in (echo, whoami, refuse, fail, search, stubborn, chatty, die, arrays):
    register(f"toy.{_job.__name__}", _job)
