"""Travel as matrices, or as coordinates and a formula."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from router.geo import EARTH_RADIUS_M
from router.matrix import UNREACHABLE, Euclidean, GreatCircle, Matrix, RoundMode, Travel
from router.search.problem import Float, Int32, TravelArrays

DENSE = 600
"""Up to so many locations Euclidean travel is tabulated; beyond, computing a distance
is cheaper than the memory it comes from (1,000 stops: 134,000 against 119,000
iterations a second; 513 and 561: a table is 5 to 8 % faster, 601 and 627: the same)."""
DENSE_ROUND = 2500
"""Likewise for great circles, which cost a dozen times as much to compute."""


def travel_arrays(travel: Travel) -> TravelArrays:
    """Return one profile, tabulated where that is faster."""
    empty = np.zeros(0, dtype=np.int32)
    if isinstance(travel, Matrix):
        distances = padded(travel.distances)
        same = travel.durations is travel.distances or np.array_equal(
            travel.durations, travel.distances
        )
        if not same:  # a leg needs both a distance and a duration
            distances[:-1, :-1][travel.durations >= UNREACHABLE] = UNREACHABLE
        durations = empty if same else padded(travel.durations)
        none = np.zeros(0)
        alike = np.array_equal(distances, distances.T)
        alike = alike and np.array_equal(travel.durations, travel.durations.T)
        return TravelArrays(
            distances=distances,
            durations=durations,
            xs=none,
            ys=none,
            symmetric=int(alike),
        )
    xs, ys = np.ascontiguousarray(travel.xs), np.ascontiguousarray(travel.ys)
    distances, durations = empty, empty
    if len(xs) <= (DENSE_ROUND if isinstance(travel, GreatCircle) else DENSE):
        every = np.arange(len(xs))
        distances = padded(lengths(travel, every[:, None], every[None, :]))
        if isinstance(travel, GreatCircle):
            durations = padded(np.ceil(distances[:-1, :-1] / travel.metres_per_second))
    if isinstance(travel, GreatCircle):
        return TravelArrays(
            distances=distances,
            durations=durations,
            xs=xs,
            ys=ys,
            scale=travel.detour,
            speed=travel.metres_per_second,
        )
    return TravelArrays(
        distances=distances,
        durations=durations,
        xs=xs,
        ys=ys,
        scale=travel.scale,
        floor=int(travel.mode is RoundMode.FLOOR),
    )


def lengths(
    travel: Travel, a: npt.NDArray[np.integer], b: npt.NDArray[np.integer]
) -> npt.NDArray[np.float64]:
    """Return distances of index arrays, as whole float64."""
    if isinstance(travel, Matrix):
        found: Float = np.minimum(travel.distances[a, b], UNREACHABLE).astype(float)
        return found
    if isinstance(travel, Euclidean):
        dx, dy = travel.xs[a] - travel.xs[b], travel.ys[a] - travel.ys[b]
        raw: Float = np.sqrt(dx * dx + dy * dy)
        raw = travel.scale * raw
        return np.floor(raw) if travel.mode is RoundMode.FLOOR else np.rint(raw)
    lat_a, lat_b = np.radians(travel.ys[a]), np.radians(travel.ys[b])
    lon = np.radians(travel.xs[b] - travel.xs[a])
    h = np.sin((lat_b - lat_a) / 2) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin(lon / 2) ** 2
    air: Float = 2 * EARTH_RADIUS_M * np.arcsin(np.minimum(1.0, np.sqrt(h)))
    return np.rint(travel.detour * air)


def durations(
    travel: Travel, a: npt.NDArray[np.integer], b: npt.NDArray[np.integer]
) -> npt.NDArray[np.float64]:
    """Return durations of index arrays, as whole float64."""
    if isinstance(travel, Matrix):
        found: Float = np.minimum(travel.durations[a, b], UNREACHABLE).astype(float)
        return found
    length = lengths(travel, a, b)
    if isinstance(travel, GreatCircle):
        return np.ceil(length / travel.metres_per_second)
    return length


def padded(table: npt.NDArray[np.generic]) -> Int32:
    """Return the table as int32 with a zero row and column for the location nowhere."""
    size = len(table)
    out = np.zeros((size + 1, size + 1), dtype=np.int32)
    out[:size, :size] = np.minimum(table, UNREACHABLE)
    return out
