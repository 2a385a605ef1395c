"""What clients asked and saw, in the order of time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from alatau.jobs.v1 import jobs_pb2

State = jobs_pb2.SolveJob.State
SURE = frozenset({"RESOURCE_EXHAUSTED", "INVALID_ARGUMENT", "UNAUTHENTICATED", "ALREADY_EXISTS"})
"""Statuses by which a server says that it has not done what was asked."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A call of Create…Job: from when to when, and what became of it.

    ``job`` is the name that came back, empty without one; ``code`` is the status.
    """

    request_id: str
    began: float
    ended: float
    code: str
    job: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A job as a client saw it.

    Attributes
    ----------
    began, ended
        When the call was made, and when this answer was there; of a stream, each
        answer begins where the one before ended.
    job
        The message.
    stream
        Number of the watch that it came by, 0 for GetJob and ListJobs.
    after
        The revision after which the watch was to begin.
    """

    began: float
    ended: float
    job: jobs_pb2.SolveJob
    stream: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A result as a client got it, by its digest."""

    job: str
    ended: float
    digest: str


@dataclass(slots=True)
class History:
    """All of it; clients in several threads may add.

    Attributes
    ----------
    asked, seen, fetched
        What happened.
    listed
        Request ids of all jobs at the end, each as often as there is a job of it.
    """

    asked: list[Asked] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    fetched: list[Fetched] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    _streams: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def stream(self) -> int:
        """Return the number of a new watch."""
        with self._lock:
            self._streams += 1
            return self._streams

    def of_job(self, name: str) -> list[Seen]:
        """Return how a job was seen, in the order in which the answers came."""
        return sorted((s for s in self.seen if s.job.name == name), key=lambda s: s.ended)

    def acknowledged(self) -> Iterator[str]:
        """Yield the names of all jobs whose creation was acknowledged, each once."""
        yield from dict.fromkeys(asked.job for asked in self.asked if asked.code == "OK")


def now() -> float:
    """Return the moment, on a clock that never goes back."""
    return time.monotonic()
