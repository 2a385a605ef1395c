"""How long a job will have to wait, judged by how long others have taken."""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from server.workers.worker import Job

MEMORY = 0.95
"""What is left of the evidence of older jobs with each new one: about twenty count."""


class Forecast:
    """Learns what share of its time each kind of job takes, and counts what is ahead.

    A search uses all of its time, a small model or a caller who leaves a hundredth:
    the sums over the jobs of one name that ended say which. The job in question
    counts as evidence for nothing, so that short jobs tell little about a long one,
    and nobody is refused by a guess.
    """

    def __init__(self) -> None:
        self._used: dict[str, float] = {}
        self._allowed: dict[str, float] = {}
        self._queued = 0.0
        self._running: dict[Hashable, tuple[Job, float, float]] = {}

    def wait(self, workers: int) -> float:
        """Return the seconds until a job that comes now will begin, all workers busy."""
        now = time.monotonic()
        ahead = sum(
            max(0.0, self._expected(job.name, allowed) - (now - began))
            for job, began, allowed in self._running.values()
        )
        return (self._queued + ahead) / workers

    @contextmanager
    def queued(self, job: Job) -> Iterator[None]:
        """Count a job that waits."""
        expected = self._expected(job.name, _allowed(job))
        self._queued += expected
        try:
            yield
        finally:
            self._queued = max(0.0, self._queued - expected)

    def begin(self, worker: Hashable, job: Job) -> None:
        """Count a job that runs."""
        self._running[worker] = job, time.monotonic(), _allowed(job)

    def end(self, worker: Hashable) -> None:
        """Learn from a job that has ended."""
        job, began, allowed = self._running.pop(worker)
        used = min(allowed, time.monotonic() - began)
        self._used[job.name] = MEMORY * self._used.get(job.name, 0.0) + used
        self._allowed[job.name] = MEMORY * self._allowed.get(job.name, 0.0) + allowed

    def _expected(self, name: str, allowed: float) -> float:
        """Return the seconds that a job of this name and limit should take."""
        evidence = self._allowed.get(name, 0.0) + allowed
        return allowed * self._used.get(name, 0.0) / evidence


def _allowed(job: Job) -> float:
    """Return the seconds that a job may take if it begins now."""
    left = job.seconds
    if job.deadline is not None:
        left = min(left, job.deadline - time.monotonic())
    return max(0.001, left)
