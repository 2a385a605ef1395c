"""Who stands near whom, in space and time.

The nearness of two stops is the distance of the better order, plus 0.2 of the
waiting and all of the lateness that no schedule can avoid between them
(Vidal et al. 2013, doi:10.1016/j.cor.2012.07.018).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

WAITING = 0.2
LATENESS = 1.0
FULL = 2500
"""Up to so many stops every pair is compared; beyond, candidates of a k-d tree."""

FULL_PLAIN = 150
"""Likewise where distance alone decides, so that nothing is lost (1,000 stops: 6 instead
of 30 ms)."""

Pairwise = Callable[[npt.NDArray[np.int64], npt.NDArray[np.int64]], npt.NDArray[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopView:
    """What nearness depends on; ``xs``, ``ys`` are empty without coordinates."""

    xs: npt.NDArray[np.float64]
    ys: npt.NDArray[np.float64]
    open: npt.NDArray[np.float64]
    close: npt.NDArray[np.float64]
    service: npt.NDArray[np.float64]
    distance: Pairwise
    duration: Pairwise
    timed: bool
    adjacent: bool
    """Only stops that can follow each other in time, in either order, are neighbours."""
    symmetric: bool
    """Distances and durations are the same in both directions."""
    same: bool
    """Durations equal distances."""


def neighbour_lists(view: StopView, count: int) -> npt.NDArray[np.int32]:
    """Return the ``count`` nearest stops of each, int32 (n, count), -1 where none."""
    n = len(view.open)
    count = min(count, max(n - 1, 1))
    near = np.full((n, count), -1, dtype=np.int32)
    if n < 2:
        return near
    if not len(view.xs) or n <= (FULL if view.timed else FULL_PLAIN):
        _fill_by_rows(near, view, count)
    else:
        _fill_by_tree(near, view, count)
    if view.timed:
        _sort_by_distance(near, view)
    return near


def _sort_by_distance(near: npt.NDArray[np.int32], view: StopView) -> None:
    """Order each row by distance, so that a search along it may end early."""
    rows = np.arange(len(near))[:, None]
    lengths = view.distance(rows, near.astype(np.int64))
    lengths[near < 0] = np.inf
    near[:] = np.take_along_axis(near, np.argsort(lengths, axis=1, kind="stable"), axis=1)


def _fill_by_rows(near: npt.NDArray[np.int32], view: StopView, count: int) -> None:
    """Compare every pair, a block of rows at a time."""
    n = len(view.open)
    every = np.arange(n)[None, :]
    block = max(1, min(n, 4_000_000 // n))
    for low in range(0, n, block):
        rows = np.arange(low, min(low + block, n))
        scores = _nearness(view, rows[:, None], every)
        scores[np.arange(len(rows)), rows] = np.inf
        _keep_nearest(near, rows, np.broadcast_to(every, scores.shape), scores, count)


def _fill_by_tree(near: npt.NDArray[np.int32], view: StopView, count: int) -> None:
    """Compare each stop with those near in space, four times as many where time counts."""
    n = len(view.open)
    points = np.column_stack([view.xs, view.ys])
    tree = cKDTree(points)
    wanted = min(n, count * (4 if view.timed else 1) + 1)
    block = max(1, 2_000_000 // wanted)
    for low in range(0, n, block):
        rows = np.arange(low, min(low + block, n))
        columns = np.asarray(tree.query(points[rows], k=wanted)[1], dtype=np.int64)
        scores = _nearness(view, rows[:, None], columns)
        scores[columns == rows[:, None]] = np.inf
        _keep_nearest(near, rows, columns, scores, count)


def _keep_nearest(
    near: npt.NDArray[np.int32],
    rows: npt.NDArray[np.int64],
    columns: npt.NDArray[np.int64],
    scores: npt.NDArray[np.float64],
    count: int,
) -> None:
    """Write the ``count`` columns of least score to the rows of ``near``, ascending."""
    if columns.shape[1] > count:
        part = np.argpartition(scores, count - 1, axis=1)[:, :count]
        columns = np.take_along_axis(columns, part, axis=1)
        scores = np.take_along_axis(scores, part, axis=1)
    order = np.argsort(scores, axis=1, kind="stable")
    found = np.take_along_axis(columns, order, axis=1)
    lost = np.isinf(np.take_along_axis(scores, order, axis=1))
    near[rows, : found.shape[1]] = np.where(lost, -1, found)


def _nearness(
    view: StopView, rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Return the nearness of rows to columns by the better order of the two."""
    there, back = view.distance(rows, columns), None
    if not view.symmetric:
        back = view.distance(columns, rows)
    if not view.timed:
        return there if back is None else np.minimum(there, back)
    ride = there if view.same else view.duration(rows, columns)
    ride_back = ride if view.symmetric else view.duration(columns, rows)
    waiting, late = _unavoidable(view, rows, columns, ride)
    one = there + WAITING * waiting + LATENESS * late
    waiting, late_back = _unavoidable(view, columns, rows, ride_back)
    other = (there if back is None else back) + WAITING * waiting + LATENESS * late_back
    nearness = np.minimum(one, other)
    if view.adjacent:
        nearness[(late > 0) & (late_back > 0)] = np.inf
    return nearness


def _unavoidable(
    view: StopView,
    first: npt.NDArray[np.int64],
    then: npt.NDArray[np.int64],
    ride: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the least waiting and lateness of ``then`` straight after ``first``."""
    way = ride + view.service[first]
    waiting = view.open[then] - view.close[first] - way
    late = view.open[first] - view.close[then] + way
    return np.maximum(waiting, 0), np.maximum(late, 0)
