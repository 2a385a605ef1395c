"""Pooling on its own: the best whole flights of a corridor when flights have prices.

The parties of a corridor are sorted into classes of one size, one cost of waiting
and windows that open and close in the same order. Within a class parties board in
that order, so that a corridor's state is how many of each class wait, and its best
pooling under any prices of flights is found exactly (``router._skypool``).
"""

from __future__ import annotations

import numpy as np

from router._skypool import Pools
from router.airtaxi.relaxation import Ints, Reals
from router.airtaxi.riders import Riders

MOST_CLASSES = 16
MOST_STATES = 300
"""Most states of all corridors in a cell, on average; corridors with most are not pooled. The
Alatau day has 115 with 2,500 passengers; with 10,000 it has 2,700, and a round with all of them
is twenty times as dear as one without any."""

Way = tuple[int, list[tuple[int, int]]]
"""Seats taken by the parties of a flight, and how many of each class they are."""


def pooled(riders: Riders, worth: Reals, seats: Ints, most: Reals) -> tuple[Pools, list[bool]]:
    """Return the poolings of all corridors that can be pooled, and which these are.

    Parameters
    ----------
    riders
        Of the day.
    worth
        Of each rider in its first cell.
    seats
        Numbers of seats of flights, ascending.
    most : (seats, corridors, cells)
        No flight is worth more than this.
    """
    cells = most.shape[2]
    found = [_classes(riders, c, int(seats[-1])) for c in range(most.shape[1])]
    held = _held(found, riders, cells)
    classes = [row for own, can in zip(found, held, strict=True) if can for row in own]
    ways = [
        _ways(riders, own, int(seats[-1])) if can else []
        for own, can in zip(found, held, strict=True)
    ]
    every = [way for own in ways for way in own]
    parts = np.array([part for _, way in every for part in way], np.int32).reshape(-1, 2)
    queue = np.array([p for row in classes for p in row], np.int64)
    pools = Pools(
        _starts([len(own) if can else 0 for own, can in zip(found, held, strict=True)]),
        np.array([riders["wait"][row[0]] for row in classes], np.float64),
        _starts([len(row) for row in classes]),
        riders["first"][queue],
        riders["last"][queue],
        worth[queue] + riders["wait"][queue] * riders["first"][queue],
        _starts([len(own) for own in ways]),
        _starts([len(way) for _, way in every]),
        np.ascontiguousarray(parts[:, 0]),
        np.ascontiguousarray(parts[:, 1]),
        np.array([taken for taken, _ in every], np.int32),
        seats,
        most,
        cells,
    )
    return pools, held


def _starts(counts: list[int]) -> Ints:
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int32)


def _classes(riders: Riders, corridor: int, seats: int) -> list[list[int]]:
    """Return the riders of a corridor by class, each in the order of its windows."""
    first, last = riders["first"], riders["last"]
    own = riders["queue"][riders["queue_from"][corridor] : riders["queue_from"][corridor + 1]]
    rows: dict[tuple[int, int, float], list[list[int]]] = {}
    for p in sorted(own.tolist(), key=lambda p: (first[p], last[p])):
        key = int(riders["party"][p]), int(riders["solo"][p]), float(riders["wait"][p])
        if key[0] > seats:
            continue
        same = rows.setdefault(key, [])
        row = next((r for r in same if last[r[-1]] <= last[p]), None)
        if row is None:
            same.append([p])
        else:
            row.append(p)
    return [row for same in rows.values() for row in same]


def _held(found: list[list[list[int]]], riders: Riders, cells: int) -> list[bool]:
    """Return which corridors have few enough states to be pooled together.

    Much the same ones on every grid, so that a finer one goes on where a coarser one ended.
    """
    sizes = [
        _states(riders, own, cells) if 0 < len(own) <= MOST_CLASSES else np.inf for own in found
    ]
    held, left = [False] * len(found), float(MOST_STATES)
    for c in np.argsort(sizes, kind="stable"):
        left -= sizes[c]
        if left < 0:
            break
        held[c] = True
    return held


def _states(riders: Riders, classes: list[list[int]], cells: int) -> float:
    """Return how many states a corridor has in a cell, on average."""
    states = np.ones(cells)
    for row in classes:
        change = np.zeros(cells + 1)
        np.add.at(change, riders["first"][row], 1)
        np.add.at(change, riders["last"][row] + 1, -1)
        states *= 1 + np.cumsum(change)[:cells]
    return float(states.mean())


def _ways(riders: Riders, classes: list[list[int]], seats: int) -> list[Way]:
    """Return the ways to fill a flight."""
    shared: list[Way] = [(0, [])]
    alone: list[Way] = []
    for k, row in enumerate(classes):
        size = int(riders["party"][row[0]])
        if riders["solo"][row[0]]:
            alone.append((size, [(k, 1)]))
            continue
        # Timetable flights take no seats; a flight flies one of a class.
        most = min(len(row), seats // size if size else 1)
        shared += [
            (taken + n * size, [*way, (k, n)])
            for taken, way in shared
            for n in range(1, most + 1)
            if taken + n * size <= seats
        ]
    empty = [way for taken, way in shared if taken == 0]
    return [*((size, [*way, *own]) for size, own in alone for way in empty), *shared[1:]]
