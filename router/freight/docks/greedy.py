"""A first dock plan: truck by truck, each at its cheapest door and moment.

It gives the exact model a start, and an answer where time is very short.
"""

from __future__ import annotations

from collections.abc import Sequence

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


def first_solution(arrays: DockArrays) -> DockSolution:
    """Return appointments found in one pass: what brings goods before what takes them."""
    n = len(arrays.ready)
    solution = DockSolution(
        np.full(n, -1, dtype=np.int64),
        np.zeros(n, dtype=np.int64),
        np.zeros(len(arrays.lag), dtype=np.bool_),
    )
    calendar, coming = Calendar(arrays), Coming(arrays)
    for truck in coming.order():
        place = _best_place(arrays, solution, calendar, coming.to(truck), truck)
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


def _best_place(
    arrays: DockArrays,
    solution: DockSolution,
    calendar: Calendar,
    transfers: Sequence[int],
    truck: int,
) -> Place | None:
    """Return the cheapest place: with all goods, else with required ones, else with none."""
    here = [i for i in transfers if solution.door[arrays.inbound[i]] >= 0]
    required = [i for i in here if arrays.loss[i] < 0]
    for awaited in (here, required, []):
        places = _places(arrays, solution, calendar, awaited, truck)
        if places:
            _, _, door, start = min(places)
            return door, start
    return None


def _places(
    arrays: DockArrays,
    solution: DockSolution,
    calendar: Calendar,
    awaited: Sequence[int],
    truck: int,
) -> list[tuple[int, int, int, int]]:
    """Return (cost, start, door, start) of the first place at each suitable door."""
    found = []
    for door in range(len(arrays.x)):
        if (truck, door) not in arrays.starts:
            continue
        earliest = int(arrays.ready[truck])
        cost = 0
        for i in awaited:
            earliest = max(earliest, goods_there(arrays, solution, i, door))
            cost += movement_of(arrays, i, int(solution.door[arrays.inbound[i]]), door)
        start = calendar.first_fit(truck, door, earliest)
        if start is not None:
            cost += waiting_of(arrays, truck, start) + tardiness_of(arrays, truck, start)
            found.append((cost, start, door, start))
    return found
