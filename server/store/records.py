"""What the store gives and takes: plain records, no messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum


class State(IntEnum):
    """Where a job is; the numbers of ``alatau.jobs.v1.SolveJob.State``."""

    QUEUED = 1
    PREPARING = 2
    RUNNING = 3
    SUCCEEDED = 4
    INFEASIBLE = 5
    FAILED = 6
    CANCELLED = 7
    RETRYING = 8


ACTIVE = (State.PREPARING, State.RUNNING, State.RETRYING)
"""States of a job that some server runs."""
DONE = (State.SUCCEEDED, State.INFEASIBLE, State.FAILED, State.CANCELLED)
"""Final states."""


class Cancel(IntEnum):
    """What becomes of the best plan; the numbers of ``alatau.jobs.v1.CancelMode``."""

    NO = 0
    DISCARD = 1
    KEEP_BEST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A job to create; spans and moments in microseconds, see the schema."""

    id: str
    workspace: str
    kind: str
    request_hash: bytes
    seconds: float
    keep: int
    request_id: str | None = None
    labels: Mapping[str, str]
    deadline: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A change of state."""

    revision: int
    state: State
    moment: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """A job as it is stored; see the schema for the meaning of each field."""

    id: str
    workspace: str
    kind: str
    request_id: str | None
    request_hash: bytes
    state: State
    revision: int
    labels: Mapping[str, str]
    seconds: float
    created: int
    started: int | None
    ended: int | None
    keep: int
    expires: int | None
    deadline: int | None
    attempt: int
    deaths: int
    cancel: Cancel
    owner: str | None
    lease: int | None
    fence: int
    progress: bytes | None
    outcome: bytes | None
    error: bytes | None
    history: tuple[Event, ...] = ()

    @property
    def done(self) -> bool:
        """Whether the state is final."""
        return self.state in DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a job ends: its state, and the messages that go with it."""

    state: State
    note: str = ""
    result: bytes | None = None
    outcome: bytes | None = None
    error: bytes | None = None
    progress: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """Which jobs a list holds; unset fields leave them all."""

    states: tuple[State, ...] = ()
    kind: str = ""
    labels: Mapping[str, str]
    created_from: int | None = None
    created_before: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRecord:
    """An upload as it is stored."""

    id: str
    workspace: str
    size: int
    sha256: bytes
    received: int
    complete: bool
    expires: int = 0
