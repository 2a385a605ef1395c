"""Frames between a process and its child: JSON and plain doubles.

Nothing that is read can run, whatever was written.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import IO, Any

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]

_HEAD = struct.Struct("<QQ")
"""Bytes of the JSON object, and of what comes after it."""


def write(pipe: IO[bytes], fields: Mapping[str, object], data: bytes = b"") -> None:
    """Write one frame, and flush."""
    text = json.dumps(fields).encode()
    pipe.write(_HEAD.pack(len(text), len(data)) + text)
    pipe.write(data)
    pipe.flush()


def read(pipe: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """Return the fields and the data of one frame.

    Raises
    ------
    EOFError
        If the pipe ends before a whole frame has come.
    """
    size, length = _HEAD.unpack(_exactly(pipe, _HEAD.size))
    fields: dict[str, Any] = json.loads(_exactly(pipe, size))
    return fields, _exactly(pipe, length)


def doubles(data: bytes) -> Doubles:
    """Return the doubles that some bytes are."""
    return np.frombuffer(data, dtype=np.float64).copy()


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError(f"the pipe ended after {len(data)} of {size} bytes")
    return data
