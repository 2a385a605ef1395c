"""A first dock plan: truck by truck, each at its cheapest door and moment.

It gives the exact model a start, and an answer where time is very short.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence

import numpy as np

from router.exact.docks import DockArrays, DockSolution
from router.freight.docks.calendar import Calendar
from router.freight.docks.cost import (
    goods_there,
    movement_of,
    tardiness_of,
    waiting_of,
    with_transfers,
)

Place = tuple[int, int]
"""A door and a start."""


def first_solution(arrays: DockArrays, deadline: float = math.inf) -> DockSolution:
    """Return appointments found in one pass: what brings goods before what takes them.

    After ``deadline``, a moment of :func:`time.monotonic`, each truck takes the
    first door with a place rather than the cheapest.
    """
    n = len(arrays.ready)
    solution = DockSolution(
        np.full(n, -1, dtype=np.int64),
        np.zeros(n, dtype=np.int64),
        np.zeros(len(arrays.lag), dtype=np.bool_),
    )
    calendar, coming, doors = Calendar(arrays), Coming(arrays), doors_by_truck(arrays)
    for truck in coming.order():
        finder = _Finder(arrays, solution, calendar, truck, doors[truck])
        place = finder.best(coming.to(truck), hurry=time.monotonic() > deadline)
        if place is not None:
            solution.door[truck], solution.start[truck] = place
            calendar.book(truck, *place)
    return with_transfers(arrays, solution)


def moved_forward(arrays: DockArrays, solution: DockSolution) -> DockSolution:
    """Return ``solution`` with every truck as early at its door as the others allow.

    No cost rises: waiting and tardiness only fall with earlier starts.
    """
    calendar, coming, start = Calendar(arrays), Coming(arrays), solution.start.copy()
    moved = DockSolution(solution.door, start, solution.made)
    docked = [int(t) for t in np.flatnonzero(solution.door >= 0)]
    for t in docked:
        calendar.book(t, int(moved.door[t]), int(start[t]))
    for t in sorted(docked, key=lambda t: int(solution.start[t])):
        door = int(moved.door[t])
        made = [i for i in coming.to(t) if solution.made[i]]
        earliest = max([int(arrays.ready[t])] + [goods_there(arrays, moved, i, door) for i in made])
        calendar.release(t, door, int(start[t]))
        place = calendar.first_fit(t, door, earliest)
        start[t] = start[t] if place is None else min(int(start[t]), place)
        calendar.book(t, door, int(start[t]))
    return with_transfers(arrays, moved)


class Coming:
    """Which transfers come to which truck."""

    def __init__(self, arrays: DockArrays) -> None:
        self._arrays = arrays
        self._to: dict[int, list[int]] = {}
        for i, truck in enumerate(arrays.outbound.tolist()):
            self._to.setdefault(truck, []).append(i)

    def to(self, truck: int) -> Sequence[int]:
        """Return the transfers whose goods ``truck`` takes."""
        return self._to.get(truck, ())

    def order(self) -> list[int]:
        """Return the trucks: those without goods to wait for first, then by due time."""
        a = self._arrays
        keys = [(t in self._to, int(a.due[t]), int(a.ready[t]), t) for t in range(len(a.ready))]
        return [key[-1] for key in sorted(keys)]


def doors_by_truck(arrays: DockArrays) -> list[list[int]]:
    """Return the doors at which each truck has an allowed start."""
    doors: list[list[int]] = [[] for _ in arrays.ready]
    for truck, door in arrays.starts:
        doors[truck].append(door)
    return doors


class _Finder:
    """Looks for a place for one truck among those that have one."""

    def __init__(
        self,
        arrays: DockArrays,
        solution: DockSolution,
        calendar: Calendar,
        truck: int,
        doors: Sequence[int],
    ) -> None:
        self._arrays, self._solution, self._calendar = arrays, solution, calendar
        self._truck, self._doors = truck, doors

    def best(self, transfers: Sequence[int], *, hurry: bool) -> Place | None:
        """Return the cheapest place: with all goods, else with required ones, else with none."""
        a, solution = self._arrays, self._solution
        here = [i for i in transfers if solution.door[a.inbound[i]] >= 0]
        required = [i for i in here if a.loss[i] < 0]
        for awaited in (here, required, []):
            places = self._places(awaited)
            found = next(places, None) if hurry else min(places, default=None)
            if found is not None:
                _, start, door = found
                return door, start
        return None

    def _places(self, awaited: Sequence[int]) -> Iterator[tuple[int, int, int]]:
        """Yield (cost, start, door) of the first place at each suitable door."""
        a, solution, truck = self._arrays, self._solution, self._truck
        ready = int(a.ready[truck])
        for door in self._doors:
            earliest, cost = ready, 0
            for i in awaited:
                earliest = max(earliest, goods_there(a, solution, i, door))
                cost += movement_of(a, i, int(solution.door[a.inbound[i]]), door)
            start = self._calendar.first_fit(truck, door, earliest)
            if start is not None:
                cost += waiting_of(a, truck, start) + tardiness_of(a, truck, start)
                yield cost, start, door
