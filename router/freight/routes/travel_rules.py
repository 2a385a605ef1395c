"""Rules of coordinates and travel: finite, of the right shape, in range."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from router.errors import Violations
from router.matrix import Euclidean, GreatCircle, Matrix

if TYPE_CHECKING:
    from router.freight.routes.problem import RoutingProblem


def check_travel(problem: RoutingProblem, found: Violations) -> None:
    """Note what is wrong with the locations and with each travel profile."""
    count = len(problem.locations)
    _finite(np.array([p.x for p in problem.locations], float), "locations", "x", found)
    _finite(np.array([p.y for p in problem.locations], float), "locations", "y", found)
    if not problem.travel:
        found.add("NO_TRAVEL", "travel", "is empty; give at least the profile 'default'.")
    for name, travel in problem.travel.items():
        below = found.at(f"travel[{name}]")
        if isinstance(travel, Matrix):
            _matrix(travel.distances, "distances", count, below)
            _matrix(travel.durations, "durations", count, below)
        elif isinstance(travel, GreatCircle):
            if _coordinates(travel, count, below):
                _degrees(travel, below)
            _positive(travel.metres_per_second, "metres_per_second", below)
            _positive(travel.detour, "detour", below, least=1.0)
        else:
            _coordinates(travel, count, below)
            _positive(travel.scale, "scale", below)


def _coordinates(travel: Euclidean | GreatCircle, count: int, found: Violations) -> bool:
    """Return whether the coordinates fit the locations, noting what does not."""
    before = len(found)
    for name, values in (("xs", travel.xs), ("ys", travel.ys)):
        if values.shape != (count,):
            text = f"has shape {values.shape}; give one value for each of the {count} locations."
            found.add("SHAPE", name, text)
        else:
            _finite(values, name, "", found)
    return len(found) == before


def _finite(values: npt.NDArray[np.float64], name: str, attribute: str, found: Violations) -> None:
    """NOT_FINITE: no coordinate is NaN or infinite."""
    for i in np.flatnonzero(~np.isfinite(values)):
        path = f"{name}[{i}].{attribute}" if attribute else f"{name}[{i}]"
        found.add("NOT_FINITE", path, f"is {values[i]}; give a finite coordinate.")


def _degrees(travel: GreatCircle, found: Violations) -> None:
    """DEGREES: longitudes within 180, latitudes within 90."""
    for name, values, most in (("xs", travel.xs, 180), ("ys", travel.ys, 90)):
        for i in np.flatnonzero(np.abs(values) > most):
            text = f"is {values[i]}; give degrees from -{most} to {most}."
            found.add("DEGREES", f"{name}[{i}]", text)


def _positive(value: float, name: str, found: Violations, least: float = 0.0) -> None:
    """FACTOR: a factor is finite and large enough."""
    if not math.isfinite(value) or value <= 0 or value < least:
        wanted = f"at least {least:g}" if least else "above 0"
        found.add("FACTOR", name, f"is {value}; give a finite number {wanted}.")


def _matrix(values: npt.NDArray[np.int64], name: str, count: int, found: Violations) -> None:
    """SHAPE, NOT_A_NUMBER, NEGATIVE: a square of whole numbers >= 0."""
    if values.shape != (count, count):
        text = f"has shape {values.shape}; give ({count}, {count}), one row a location."
        found.add("SHAPE", name, text)
    elif values.dtype.kind not in "iu":
        found.add("NOT_A_NUMBER", name, f"holds {values.dtype}; give whole numbers (int64).")
    elif count and int(values.min()) < 0:
        for i, j in np.argwhere(values < 0):
            text = f"is {values[i, j]}; it must be 0 or more."
            found.add("NEGATIVE", f"{name}[{i}][{j}]", text)
