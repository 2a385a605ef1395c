"""Rows of numbers as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from router.search.problem import Int32, Int64

Arrays = dict[str, Any]
"""Fields of RouteArrays by name, which gives each its type."""


def table(rows: Sequence[tuple[int, ...]], dims: int) -> Int64:
    """Return rows of so many values as an array; an empty row is all zeros."""
    return np.array([row or (0,) * dims for row in rows], dtype=np.int64).reshape(-1, dims)


def i32(values: Sequence[int] | npt.NDArray[np.generic]) -> Int32:
    """Return the values as int32."""
    return np.ascontiguousarray(values, dtype=np.int32)


def i64(values: Sequence[int]) -> Int64:
    """Return the values as int64."""
    return np.array(values, dtype=np.int64)


def or_else(value: int | None, default: int) -> int:
    """Return the value, or the default where there is none."""
    return default if value is None else value
