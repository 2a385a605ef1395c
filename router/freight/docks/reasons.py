"""Why trucks have no appointment and transfers are not made."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from router.exact.docks import DockArrays, DockSolution
from router.freight.docks.arrays import suits
from router.freight.docks.calendar import Calendar
from router.freight.docks.cost import goods_there, metres
from router.freight.docks.greedy import doors_by_truck
from router.freight.docks.plan import (
    MissedReason,
    MissedTransfer,
    Unassigned,
    UnassignedReason,
)
from router.freight.docks.problem import DockProblem, Truck


def unassigned_trucks(
    problem: DockProblem, arrays: DockArrays, solution: DockSolution
) -> tuple[Unassigned, ...]:
    """Return each truck without an appointment and why."""
    left = np.flatnonzero(solution.door < 0).tolist()
    if not left:
        return ()
    doors = doors_by_truck(arrays)
    empty, full = Calendar(arrays), Calendar(arrays)
    for t in np.flatnonzero(solution.door >= 0).tolist():
        full.book(t, int(solution.door[t]), int(solution.start[t]))
    found = []
    for t in left:
        truck = problem.trucks[t]
        reasons = _alone(problem, truck) or (_among(t, truck, doors[t], empty, full),)
        found.append(Unassigned(truck.id, reasons))
    return tuple(found)


def _alone(problem: DockProblem, truck: Truck) -> tuple[UnassignedReason, ...]:
    """Return the reasons that hold whatever stands at the doors."""
    most = sum(shift.count for shift in problem.crews)
    reasons = {
        UnassignedReason.NO_DOOR: not any(suits(truck, door) for door in problem.doors),
        UnassignedReason.CUSTOMS_RELEASE: truck.release > truck.arrival.end,
        UnassignedReason.DEADLINE: truck.ready + truck.handling > truck.deadline,
        UnassignedReason.CREWS: bool(problem.crews) and truck.crews > most,
    }
    return tuple(reason for reason, holds in reasons.items() if holds)


def _among(
    t: int, truck: Truck, doors: Sequence[int], empty: Calendar, full: Calendar
) -> UnassignedReason:
    """Return the reason that the calendars of an empty and of this hub give."""
    if not doors:
        return UnassignedReason.DOOR_CLOSED
    if all(empty.first_fit(t, d, truck.ready) is None for d in doors):
        return UnassignedReason.CREWS
    fits = any(full.first_fit(t, d, truck.ready) is not None for d in doors)
    if fits and truck.penalty is not None:
        return UnassignedReason.NOT_WORTH_IT
    return UnassignedReason.DOORS_BUSY


def missed_transfers(
    problem: DockProblem, arrays: DockArrays, solution: DockSolution
) -> tuple[MissedTransfer, ...]:
    """Return each transfer that is not made and why."""
    missed = np.flatnonzero(~solution.made).tolist()
    doors = doors_by_truck(arrays) if missed else []
    return tuple(
        MissedTransfer(problem.transfers[i].id, _missed_reasons(arrays, solution, doors, i))
        for i in missed
    )


def _missed_reasons(
    arrays: DockArrays, solution: DockSolution, doors: Sequence[Sequence[int]], i: int
) -> tuple[MissedReason, ...]:
    inbound, outbound = int(arrays.inbound[i]), int(arrays.outbound[i])
    gone = {
        MissedReason.INBOUND_UNASSIGNED: solution.door[inbound] < 0,
        MissedReason.OUTBOUND_UNASSIGNED: solution.door[outbound] < 0,
    }
    reasons = tuple(reason for reason, holds in gone.items() if holds)
    if reasons:
        return reasons
    there = goods_there(arrays, solution, i, int(solution.door[outbound]))
    if there <= solution.start[outbound]:
        return (MissedReason.NOT_WORTH_IT,)
    possible = _soonest(arrays, doors, i) <= _last_start(arrays, doors, outbound)
    return (MissedReason.NOT_IN_TIME if possible else MissedReason.WINDOWS,)


def _soonest(arrays: DockArrays, doors: Sequence[Sequence[int]], i: int) -> int:
    """Return a moment before which the goods can be at no door of the outbound truck."""
    inbound, outbound = int(arrays.inbound[i]), int(arrays.outbound[i])
    rate = arrays.seconds_per_100_metres
    first = min(arrays.starts[inbound, door][0][0] for door in doors[inbound])
    way = 0
    if rate:
        ways = ((door, other) for door in doors[inbound] for other in doors[outbound])
        way = min(metres(arrays, door, other) for door, other in ways)
    return first + int(arrays.handling[inbound] + arrays.lag[i]) - (-way * rate // 100)


def _last_start(arrays: DockArrays, doors: Sequence[Sequence[int]], truck: int) -> int:
    return max(arrays.starts[truck, door][-1][1] for door in doors[truck])
