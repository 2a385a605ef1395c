"""Travel between locations: computed on the fly, or given as a matrix.

A location's index is its position in the problem. Each class answers
``distance(i, j)`` and ``duration(i, j)`` as the exact integers that a plan is
judged by; solvers read the same public fields and compute the same numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from router.geo import great_circle_m

UNREACHABLE = 2**31 - 1
"""A matrix entry of this value or more says that there is no way."""


class RoundMode(StrEnum):
    """How a real length becomes an integer."""

    FLOOR = "floor"
    NEAREST = "nearest"
    """Ties to even, as numpy rounds."""


class _EqualByValue:
    """Equality over fields that may be arrays; such objects have no hash."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        names = (field.name for field in fields(self))  # type: ignore[arg-type]
        return all(np.array_equal(getattr(self, name), getattr(other, name)) for name in names)


@dataclass(frozen=True, slots=True, eq=False)
class Euclidean(_EqualByValue):
    """Straight lines in the plane; a duration equals its distance.

    ``distance = mode(scale * sqrt(dx * dx + dy * dy))``. ``xs`` and ``ys`` are float64
    arrays of shape (n,), in the problem's order of locations.
    """

    xs: npt.NDArray[np.float64]
    ys: npt.NDArray[np.float64]
    scale: float = 1.0
    mode: RoundMode = RoundMode.NEAREST

    def distance(self, i: int, j: int) -> int:
        """Return the distance from location ``i`` to ``j``."""
        dx, dy = float(self.xs[i] - self.xs[j]), float(self.ys[i] - self.ys[j])
        length = self.scale * math.sqrt(dx * dx + dy * dy)
        return math.floor(length) if self.mode is RoundMode.FLOOR else round(length)

    def duration(self, i: int, j: int) -> int:
        """Return the duration, which equals the distance."""
        return self.distance(i, j)


@dataclass(frozen=True, slots=True, eq=False)
class GreatCircle(_EqualByValue):
    """Great circles on the earth, at one speed.

    ``xs`` are longitudes and ``ys`` latitudes in degrees, float64 of shape
    (n,). Distances are metres times ``detour`` (road over air line, >= 1),
    rounded to nearest; durations are seconds at ``metres_per_second``,
    rounded up.
    """

    xs: npt.NDArray[np.float64]
    ys: npt.NDArray[np.float64]
    metres_per_second: float
    detour: float = 1.0

    def distance(self, i: int, j: int) -> int:
        """Return the distance from location ``i`` to ``j`` in metres."""
        air = great_circle_m(self.ys[i], self.xs[i], self.ys[j], self.xs[j])
        return round(self.detour * air)

    def duration(self, i: int, j: int) -> int:
        """Return the duration from location ``i`` to ``j`` in seconds."""
        return math.ceil(self.distance(i, j) / self.metres_per_second)


@dataclass(frozen=True, slots=True, eq=False)
class Matrix(_EqualByValue):
    """Given distances and durations, int64 arrays of shape (n, n), >= 0.

    Not necessarily symmetric, nor obeying the triangle inequality. Entries of
    :data:`UNREACHABLE` or more mean that there is no way.
    """

    distances: npt.NDArray[np.int64]
    durations: npt.NDArray[np.int64]

    def distance(self, i: int, j: int) -> int:
        """Return the distance from location ``i`` to ``j``."""
        return int(self.distances[i, j])

    def duration(self, i: int, j: int) -> int:
        """Return the duration from location ``i`` to ``j``."""
        return int(self.durations[i, j])


Travel = Euclidean | GreatCircle | Matrix
