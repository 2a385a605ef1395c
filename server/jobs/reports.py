"""What a worker says of a job: a head that the server reads, a body that it keeps.

The head is a ``SolveJob`` with ``progress`` and, where there is a plan, ``outcome``;
the body is the serialised Solve… response, which only callers read.
"""

from __future__ import annotations

import struct

from alatau.jobs.v1 import jobs_pb2

_LENGTH = struct.Struct("<I")


def pack(head: jobs_pb2.SolveJob, body: bytes = b"") -> bytes:
    """Return head and body as one payload."""
    packed = head.SerializeToString()
    return _LENGTH.pack(len(packed)) + packed + body


def unpack(payload: bytes) -> tuple[jobs_pb2.SolveJob, bytes]:
    """Return head and body of a payload."""
    (length,) = _LENGTH.unpack_from(payload)
    end = _LENGTH.size + length
    return jobs_pb2.SolveJob.FromString(payload[_LENGTH.size : end]), payload[end:]
