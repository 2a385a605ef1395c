"""Pooling: which parties could share a flight, before any aircraft is looked at."""

from __future__ import annotations

from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from router.airtaxi.demand import Trip
from router.airtaxi.tables import Index


def flight_order(index: Index, seats: int) -> NDArray[np.int32]:
    """Return all riders in the order of the flights that would carry them.

    On each origin and destination, parties wait until the first of them has to
    leave; then as many leave as find seats, those with the least time left
    first. Promised trips and timetable flights come before all others, then the
    flights in the order of their latest departure.

    Parameters
    ----------
    index
        The riders by position.
    seats
        Seats of a flight.
    """
    order = [p for _, flight in sorted(_lined_up(index, seats)) for p in flight]
    order.sort(key=lambda p: not _must(index, p))
    return np.array(order, np.int32)


def _lined_up(index: Index, seats: int) -> list[tuple[int, list[int]]]:
    """Return latest departure and riders of each flight that :func:`flight_order` lines up."""
    key = [(r.origin, r.destination) for r in index.riders]
    found: list[tuple[int, list[int]]] = []
    for _, row in groupby(sorted(range(len(key)), key=lambda p: key[p]), key=lambda p: key[p]):
        found += _flights(index, sorted(row, key=lambda p: _window(index, p)[1]), seats)
    return found


def _flights(index: Index, waiting: list[int], seats: int) -> list[tuple[int, list[int]]]:
    """Return (latest departure, parties) of each flight of one origin and destination."""
    found = []
    while waiting:
        leaves = _window(index, waiting[0])[1]
        aboard: list[int] = []
        free = seats
        for p in waiting:
            rider = index.riders[p]
            size = rider.party if isinstance(rider, Trip) else 0
            if _window(index, p)[0] > leaves:
                continue
            if not aboard or size <= free:
                aboard.append(p)
                free -= size
            if free <= 0:
                break
        found.append((leaves, aboard))
        taken = set(aboard)
        waiting = [p for p in waiting if p not in taken]
    return found


def _window(index: Index, p: int) -> tuple[int, int]:
    rider = index.riders[p]
    window = rider.departure if isinstance(rider, Trip) else rider.off_block
    return window.start, window.end


def _must(index: Index, p: int) -> bool:
    rider = index.riders[p]
    return rider.promised if isinstance(rider, Trip) else rider.required
