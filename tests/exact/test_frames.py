"""Frames between processes: what is written is read, and half a frame is none."""

from __future__ import annotations

import io

import numpy as np
import pytest

from router.exact import frames


def test_what_is_written_is_read() -> None:
    """Two frames one after the other, with numbers that JSON itself does not know."""
    pipe, values = io.BytesIO(), np.array([0.1, -np.inf, np.nan, 2.0**60])
    frames.write(pipe, {"kind": "found", "bound": float("-inf")}, values.tobytes())
    frames.write(pipe, {"kind": "bound"})
    pipe.seek(0)
    fields, data = frames.read(pipe)
    assert fields == {"kind": "found", "bound": float("-inf")}
    np.testing.assert_array_equal(frames.doubles(data), values)
    assert frames.doubles(data).flags.writeable
    assert frames.read(pipe) == ({"kind": "bound"}, b"")
    with pytest.raises(EOFError):
        frames.read(pipe)


@pytest.mark.parametrize("cut", range(1, 40, 7))
def test_half_a_frame_is_none(cut: int) -> None:
    """A process that dies while it writes is heard of as an end."""
    pipe = io.BytesIO()
    frames.write(pipe, {"kind": "found"}, bytes(16))
    whole = pipe.getvalue()
    with pytest.raises(EOFError):
        frames.read(io.BytesIO(whole[:-cut]))
