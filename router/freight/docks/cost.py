"""What appointments cost, counted on the solver's arrays."""

from __future__ import annotations

import numpy as np

from router.exact.docks import DockArrays, DockSolution
from router.solving import Cost


def cost_of(arrays: DockArrays, solution: DockSolution) -> Cost:
    """Return the cost of ``solution`` by component."""
    waiting = tardiness = unassigned = movement = missed = 0
    for t in range(len(arrays.ready)):
        if solution.door[t] < 0:
            unassigned += max(0, int(arrays.penalty[t]))
            continue
        start = int(solution.start[t])
        waiting += waiting_of(arrays, t, start)
        tardiness += tardiness_of(arrays, t, start)
    for i in range(len(arrays.lag)):
        if solution.made[i]:
            way = solution.door[arrays.inbound[i]], solution.door[arrays.outbound[i]]
            movement += movement_of(arrays, i, int(way[0]), int(way[1]))
        else:
            missed += max(0, int(arrays.loss[i]))
    return Cost.of(
        waiting=waiting,
        tardiness=tardiness,
        movement=movement,
        unassigned=unassigned,
        missed=missed,
    )


def waiting_of(arrays: DockArrays, truck: int, start: int) -> int:
    """Return the cost of waiting until ``start``, rounded up."""
    return _hourly(int(arrays.waiting_cost[truck]), start - int(arrays.ready[truck]))


def tardiness_of(arrays: DockArrays, truck: int, start: int) -> int:
    """Return the cost of ending late after ``start``, rounded up."""
    late = start + int(arrays.handling[truck]) - int(arrays.due[truck])
    return _hourly(int(arrays.tardiness_cost[truck]), late)


def movement_of(arrays: DockArrays, transfer: int, door: int, other: int) -> int:
    """Return the cost of moving a transfer's goods between two doors, rounded up."""
    unit_metres = metres(arrays, door, other) * int(arrays.quantity[transfer])
    return -(-unit_metres * arrays.movement_cost // 1000)


def goods_there(arrays: DockArrays, solution: DockSolution, transfer: int, door: int) -> int:
    """Return when a transfer's goods are at ``door``; its inbound truck is docked."""
    t = arrays.inbound[transfer]
    way = metres(arrays, int(solution.door[t]), door) * arrays.seconds_per_100_metres
    end = int(solution.start[t]) + int(arrays.handling[t])
    return end + int(arrays.lag[transfer]) - (-way // 100)


def metres(arrays: DockArrays, door: int, other: int) -> int:
    """Return the way between two doors along the aisles."""
    across = abs(int(arrays.x[door]) - int(arrays.x[other]))
    return across + abs(int(arrays.y[door]) - int(arrays.y[other]))


def with_transfers(arrays: DockArrays, solution: DockSolution) -> DockSolution:
    """Return ``solution`` with each transfer made that is in time and worth it."""
    made = np.zeros(len(arrays.lag), dtype=np.bool_)
    for i in range(len(made)):
        door, other = (int(solution.door[t]) for t in (arrays.inbound[i], arrays.outbound[i]))
        if door >= 0 and other >= 0:
            start = int(solution.start[arrays.outbound[i]])
            in_time = goods_there(arrays, solution, i, other) <= start
            loss = int(arrays.loss[i])
            made[i] = in_time and (loss < 0 or movement_of(arrays, i, door, other) <= loss)
    return DockSolution(solution.door, solution.start, made)


def _hourly(price: int, seconds: int) -> int:
    return -(-price * seconds // 3600) if seconds > 0 else 0
