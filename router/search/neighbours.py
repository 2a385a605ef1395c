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


def neighbour_lists(view: StopView, count: int) -> npt.NDArray[np.int32]:
    """Return the ``count`` nearest stops of each, int32 (n, count), -1 where none."""
    n = len(view.open)
    count = min(count, max(n - 1, 1))
    near = np.full((n, count), -1, dtype=np.int32)
    if n < 2:
        return near
    tree = cKDTree(np.column_stack([view.xs, view.ys])) if n > FULL and len(view.xs) else None
    block = max(1, min(n, 2_000_000 // (n if tree is None else 4 * count)))
    for low in range(0, n, block):
        rows = np.arange(low, min(low + block, n))
        columns = _candidates(rows, view, tree, count)
        scores = _nearness(view, rows, columns)
        if columns.shape[1] > count:
            part = np.argpartition(scores, count - 1, axis=1)[:, :count]
            columns = np.take_along_axis(columns, part, axis=1)
            scores = np.take_along_axis(scores, part, axis=1)
        order = np.argsort(scores, axis=1, kind="stable")[:, :count]
        found = np.take_along_axis(columns, order, axis=1)
        lost = np.isinf(np.take_along_axis(scores, order, axis=1))
        near[rows, : found.shape[1]] = np.where(lost, -1, found)
    return near


def _candidates(
    rows: npt.NDArray[np.int64], view: StopView, tree: cKDTree | None, count: int
) -> npt.NDArray[np.int64]:
    """Return who may be near each row, (rows, c)."""
    n = len(view.open)
    if tree is None:
        return np.broadcast_to(np.arange(n), (len(rows), n))
    wanted = min(n, count * (4 if view.timed else 1) + 1)
    found = tree.query(np.column_stack([view.xs[rows], view.ys[rows]]), k=wanted)[1]
    return np.asarray(found, dtype=np.int64).reshape(len(rows), wanted)


def _nearness(
    view: StopView, rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Return the nearness of each row to its columns; infinite to itself."""
    here = rows[:, None]
    scores = np.minimum(_one_way(view, here, columns), _one_way(view, columns, here))
    return np.where(columns == here, np.inf, scores)


def _one_way(
    view: StopView, first: npt.NDArray[np.int64], then: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Return the cost of serving ``first`` and ``then`` in that order."""
    score = view.distance(first, then)
    if not view.timed:
        return score
    way = view.service[first] + view.duration(first, then)
    waiting = view.open[then] - way - view.close[first]
    late = view.open[first] + way - view.close[then]
    return score + WAITING * np.maximum(waiting, 0) + LATENESS * np.maximum(late, 0)
