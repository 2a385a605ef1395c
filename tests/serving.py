"""A real server process for tests: started, spoken to, told to stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A server that listens on ``address``; its log is in the file ``log``.

    ``web`` is the address of its HTTP listener; empty: it has none.
    """

    process: subprocess.Popen[str]
    address: str
    log: Path
    web: str = ""

    def children(self) -> list[int]:
        """Return the process id of its nursery, from which workers are forked."""
        return children(self.process.pid)

    def stop(self, seconds: float = 30.0) -> int:
        """Send SIGTERM, wait, and return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)


def children(pid: int) -> list[int]:
    """Return the process ids of the children of a process."""
    tasks = [task / "children" for task in Path(f"/proc/{pid}/task").iterdir()]
    return [int(child) for task in tasks for child in task.read_text().split()]


@contextmanager
def running_server(folder: Path, **settings: object) -> Iterator[ServerProcess]:
    """Start ``python -m server`` on a free port, with settings as in the environment."""
    settings = {
        "grace_seconds": 1,
        "job_workers": 1,
        "store": f"sqlite:///{folder}/jobs.db",
    } | settings
    variables = {f"ALATAU_{name.upper()}": str(value) for name, value in settings.items()}
    log = folder / "server.log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "server", "--port", str(settings.get("port", 0))],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=ROOT,
            env=os.environ | variables,
        )
        assert process.stdout is not None
        ready = process.stdout.readline()
        assert "serving gRPC on" in ready, log.read_text()
        web = process.stdout.readline().split()[-1] if "http_port" in settings else ""
        try:
            yield ServerProcess(process, ready.split()[-1], log, web)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()
