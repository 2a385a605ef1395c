"""A server process of its own for a benchmark."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READY = "serving gRPC on"


@dataclass(frozen=True, slots=True)
class Served:
    """A server that listens on ``address``."""

    pid: int
    address: str


@contextmanager
def served(folder: Path, **settings: object) -> Iterator[Served]:
    """Run ``python -m server`` on a free port; its log goes to ``folder``.

    Raises
    ------
    RuntimeError
        If it does not start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    given = {"GRACE_SECONDS": 2, "LOG_LEVEL": "warning"} | {
        k.upper(): v for k, v in settings.items()
    }
    variables = {f"ALATAU_{name}": str(value) for name, value in given.items()}
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "server", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=os.environ | variables,
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if READY not in line:
            raise RuntimeError(f"the server does not start; see {folder / 'server.log'}.")
        yield Served(process.pid, line.split()[-1])
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
