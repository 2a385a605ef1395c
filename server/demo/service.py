"""A server process of one's own: started on a free port, stopped afterwards."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import server

START_SECONDS = 60.0
"""Most that the server may take until it says that it is ready."""
STOP_SECONDS = 15.0
"""Most that it may take to stop when told to; then it is killed."""
READY = "serving gRPC on "
"""What the server prints before its address."""
LOG_END = 2000
"""Characters of the log that a failure quotes."""


class ServerFailed(OSError):
    """The server process did not come up; the message holds the end of its log."""


@contextmanager
def own_server(**settings: object) -> Iterator[str]:
    """Run ``python -m server`` on a free port and give its address.

    Its store is a file of its own, gone afterwards.

    Parameters
    ----------
    settings
        As in :class:`server.settings.Settings`; they beat the environment's.

    Raises
    ------
    ServerFailed
        If it ends, or says nothing for :data:`START_SECONDS`.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log,
    ):
        kept = {"store": f"sqlite:///{folder}/jobs.db", "job_workers": 1, "grace_seconds": 2}
        kept |= settings
        process = subprocess.Popen(
            [sys.executable, "-m", "server", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=_environment(kept),
        )
        try:
            yield _address(process, log)
        finally:
            _stop(process)


def _environment(settings: dict[str, object]) -> dict[str, str]:
    """Return the environment with the settings, and with this very code to import."""
    named = {f"ALATAU_{name.upper()}": str(value) for name, value in settings.items()}
    code = str(Path(server.__file__).parent.parent)
    paths = os.pathsep.join(filter(None, (code, os.environ.get("PYTHONPATH"))))
    return os.environ | {"ALATAU_CONFIG": os.devnull, "PYTHONPATH": paths} | named


def _address(process: subprocess.Popen[str], log: IO[str]) -> str:
    """Wait for the line that says where the server listens."""
    said: queue.Queue[str] = queue.Queue()
    threading.Thread(target=lambda: said.put(_ready_line(process)), daemon=True).start()
    try:
        line = said.get(timeout=START_SECONDS)
    except queue.Empty:
        line = ""
    if READY not in line:
        log.seek(0)
        raise ServerFailed(f"the server did not start; its log ends: {log.read()[-LOG_END:]}")
    return line.split(READY)[1].strip()


def _ready_line(process: subprocess.Popen[str]) -> str:
    """Return the first line with an address, or nothing if output ends."""
    assert process.stdout is not None
    return next((line for line in process.stdout if READY in line), "")


def _stop(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
