"""Why trucks have no appointment and transfers are not made."""

from __future__ import annotations

import numpy as np

from router.exact.docks import DockArrays, DockSolution
from router.freight.docks.arrays import suits
from router.freight.docks.calendar import Calendar
from router.freight.docks.cost import goods_there, metres
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
    empty, full = Calendar(arrays), Calendar(arrays)
    for t in np.flatnonzero(solution.door >= 0).tolist():
        full.book(t, int(solution.door[t]), int(solution.start[t]))
    found = []
    for t in left:
        truck = problem.trucks[t]
        reasons = _alone(problem, truck) or (_among(arrays, t, truck, empty, full),)
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
    arrays: DockArrays, t: int, truck: Truck, empty: Calendar, full: Calendar
) -> UnassignedReason:
    """Return the reason that the calendars of an empty and of this hub give."""
    doors = [d for d in range(len(arrays.x)) if (t, d) in arrays.starts]
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
    return tuple(
        MissedTransfer(problem.transfers[i].id, _missed_reasons(arrays, solution, i))
        for i in np.flatnonzero(~solution.made).tolist()
    )


def _missed_reasons(arrays: DockArrays, solution: DockSolution, i: int) -> tuple[MissedReason, ...]:
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
    possible = _soonest(arrays, i) <= _last_start(arrays, outbound)
    return (MissedReason.NOT_IN_TIME if possible else MissedReason.WINDOWS,)


def _soonest(arrays: DockArrays, i: int) -> int:
    """Return a moment before which the goods can be at no door of the outbound truck."""
    inbound, outbound = int(arrays.inbound[i]), int(arrays.outbound[i])
    firsts = {d: spans[0][0] for (t, d), spans in arrays.starts.items() if t == inbound}
    doors = [d for t, d in arrays.starts if t == outbound]
    rate = arrays.seconds_per_100_metres
    leads = [
        first - (-metres(arrays, door, other) * rate // 100)
        for door, first in firsts.items()
        for other in doors
    ]
    return min(leads) + int(arrays.handling[inbound] + arrays.lag[i])


def _last_start(arrays: DockArrays, truck: int) -> int:
    return max(spans[-1][1] for (t, _), spans in arrays.starts.items() if t == truck)
