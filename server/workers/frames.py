"""Frames between the server and a worker process: kind, length, bytes.

No object crosses this border, only protobuf messages and JSON.
"""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import BinaryIO

from router.errors import Violation

_HEAD = struct.Struct("<BI")


class Kind(IntEnum):
    """What a frame says."""

    JOB = 1
    """To the worker: a :class:`JobHeader`; the next frame is its request."""
    STOP = 2
    """To the worker: end the job of this serial number with the best so far."""
    READY = 3
    """From the worker: imports are done."""
    PROGRESS = 4
    """From the worker: a response message that a later one replaces."""
    INCUMBENT = 5
    """From the worker: a response message with a new plan."""
    RESULT = 6
    """From the worker: the last response message."""
    INVALID = 7
    """From the worker: the violations of the request."""
    FAILED = 8
    """From the worker: the traceback of a fault."""
    REQUEST = 9
    """To the worker: the request of the job named before."""
    FIGURES = 10
    """From the worker: :class:`Figures` of the job that is about to end."""
    NO_MEMORY = 11
    """From the worker: it may not take as much memory as the job wants."""


@dataclass(frozen=True, slots=True)
class JobHeader:
    """What a worker has to know besides the request.

    Attributes
    ----------
    serial
        Number of the job, which a STOP names.
    job
        Name in :mod:`server.registry`.
    request_id
        For the log.
    seconds
        Time that the solve may take.
    deadline
        Moment of ``time.monotonic()``, the same in all processes of a machine,
        by which it must have ended; ``None``: no such moment.
    traceparent
        The span that the job belongs to, in W3C's form; empty: none.
    """

    serial: int
    job: str
    request_id: str
    seconds: float
    deadline: float | None
    traceparent: str = ""

    def pack(self) -> bytes:
        """Return the payload of a JOB frame."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def unpack(cls, payload: bytes) -> JobHeader:
        """Return the header in the payload of a JOB frame."""
        return cls(**json.loads(payload))


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the work on a job; moments are nanoseconds since 1970."""

    name: str
    began: int
    ended: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What a worker says of its work on a job.

    Attributes
    ----------
    traceparent
        As in the header.
    stages
        ``validate``, ``solve`` and ``encode``, as far as they were reached.
    iterations
        Iterations of the search.
    gap
        Relative gap that the search last reported, ``None`` without a bound.
    """

    traceparent: str
    stages: tuple[Stage, ...]
    iterations: int = 0
    gap: float | None = None

    def pack(self) -> bytes:
        """Return the payload of a FIGURES frame."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def unpack(cls, payload: bytes) -> Figures:
        """Return the figures of a FIGURES frame."""
        fields = json.loads(payload)
        stages = tuple(Stage(**stage) for stage in fields.pop("stages"))
        return cls(stages=stages, **fields)


def frame(kind: Kind, payload: bytes = b"") -> bytes:
    """Return a frame as bytes."""
    return head(kind, len(payload)) + payload


def head(kind: Kind, length: int) -> bytes:
    """Return what stands before a payload, for those too large to be copied."""
    return _HEAD.pack(kind, length)


def read(stream: BinaryIO) -> tuple[Kind, bytes] | None:
    """Read one frame, blocking; ``None`` at the end of the stream."""
    first = stream.read(_HEAD.size)
    if len(first) < _HEAD.size:
        return None
    kind, length = _HEAD.unpack(first)
    payload = stream.read(length)
    return (Kind(kind), payload) if len(payload) == length else None


async def read_async(stream: asyncio.StreamReader) -> tuple[Kind, bytes] | None:
    """Read one frame; ``None`` at the end of the stream."""
    try:
        kind, length = _HEAD.unpack(await stream.readexactly(_HEAD.size))
        return Kind(kind), await stream.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


def pack_violations(violations: Iterable[Violation]) -> bytes:
    """Return the payload of an INVALID frame."""
    return json.dumps([[v.code, v.path, v.message] for v in violations]).encode()


def unpack_violations(payload: bytes) -> list[Violation]:
    """Return the violations of an INVALID frame."""
    return [Violation(*entry) for entry in json.loads(payload)]
