"""From a dock problem to arrays and back: the only place where ids become rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from router.exact.docks import DockArrays, DockSolution, Ints
from router.freight.docks.plan import Appointment
from router.freight.docks.problem import DockProblem, Door, Truck
from router.freight.docks.validate import horizon

Span = tuple[int, int]


def to_arrays(problem: DockProblem) -> DockArrays:
    """Return the problem as arrays, rows in the order of the problem."""
    row = {truck.id: i for i, truck in enumerate(problem.trucks)}
    trucks, doors, transfers = problem.trucks, problem.doors, problem.transfers
    end = horizon(problem)
    return DockArrays(
        ready=_ints(t.ready for t in trucks),
        handling=_ints(t.handling for t in trucks),
        due=_ints(t.due for t in trucks),
        waiting_cost=_ints(t.waiting_cost for t in trucks),
        tardiness_cost=_ints(t.tardiness_cost for t in trucks),
        crews=_ints(t.crews for t in trucks),
        penalty=_ints(-1 if t.penalty is None else t.penalty for t in trucks),
        starts=_starts(problem, end),
        x=_ints(d.x for d in doors),
        y=_ints(d.y for d in doors),
        changeover=_ints(d.changeover for d in doors),
        inbound=_ints(row[t.inbound] for t in transfers),
        outbound=_ints(row[t.outbound] for t in transfers),
        lag=_ints(t.handling for t in transfers),
        quantity=_ints(t.quantity for t in transfers),
        loss=_ints(-1 if t.penalty is None else t.penalty for t in transfers),
        crew_levels=crew_levels(problem, end + max((t.handling for t in trucks), default=0) + 1),
        seconds_per_100_metres=problem.seconds_per_100_metres,
        movement_cost=problem.movement_cost,
        horizon=end,
    )


def to_appointments(problem: DockProblem, solution: DockSolution) -> tuple[Appointment, ...]:
    """Return the appointments of ``solution``, by start, then by door."""
    slots = [
        Appointment(
            truck=truck.id, door=problem.doors[door].id, start=start, end=start + truck.handling
        )
        for truck, door, start in zip(
            problem.trucks, solution.door.tolist(), solution.start.tolist(), strict=True
        )
        if door >= 0
    ]
    return tuple(sorted(slots, key=lambda slot: (slot.start, slot.door)))


def suits(truck: Truck, door: Door) -> bool:
    """Return whether the door takes the truck's direction and offers all it requires."""
    return truck.direction in door.directions and truck.requires <= door.capabilities


def allowed_starts(truck: Truck, door: Door, end: int) -> list[Span]:
    """Return when the truck may start at the door alone, as closed intervals up to ``end``."""
    first = truck.ready
    last = min(truck.arrival.end, truck.deadline - truck.handling, end)
    windows = [(w.start, w.end - truck.handling) for w in door.windows] or [(first, last)]
    cut = [(max(first, low), min(last, high)) for low, high in windows]
    return [(low, high) for low, high in cut if low <= high]


def crew_levels(problem: DockProblem, end: int) -> Sequence[tuple[int, int, int]]:
    """Return (from, until, crews present) over [0, ``end``], empty without a limit."""
    if not problem.crews:
        return []
    changes = {0: 0, end: 0}
    for shift in problem.crews:
        for moment, change in ((shift.window.start, shift.count), (shift.window.end, -shift.count)):
            if moment < end:
                changes[moment] = changes.get(moment, 0) + change
    levels, present = [], 0
    for begin, until in pairwise(sorted(changes)):
        present += changes[begin]
        levels.append((begin, until, present))
    return levels


def _starts(problem: DockProblem, end: int) -> dict[tuple[int, int], list[Span]]:
    pairs = {
        (t, d): allowed_starts(truck, door, end)
        for t, truck in enumerate(problem.trucks)
        for d, door in enumerate(problem.doors)
        if suits(truck, door)
    }
    return {pair: spans for pair, spans in pairs.items() if spans}


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)
