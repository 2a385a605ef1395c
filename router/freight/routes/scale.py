"""Whether every sum that a plan of the problem can reach stays exact.

Solvers add in 64-bit integers and report costs as doubles; so no distance,
time, load or cost that any plan can have may reach 2**53.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from router.errors import Violations
from router.matrix import UNREACHABLE, Euclidean, GreatCircle, Travel

if TYPE_CHECKING:
    from router.freight.routes.problem import RoutingProblem

LIMIT = 2**53
_HALF_EARTH_M = 20_015_115


def check_scale(problem: RoutingProblem, found: Violations) -> None:
    """OVERFLOW: note each sum that may leave the range of exact integers."""
    furthest, longest = 0, 0
    for name, travel in problem.travel.items():
        distance, duration = longest_leg(travel)
        if not isinstance(travel, Euclidean | GreatCircle):
            pass
        elif max(distance, duration) >= UNREACHABLE:
            text = f"has legs of up to {max(distance, duration)}; they must stay below 2**31 - 1."
            found.add("OVERFLOW", f"travel[{name}]", text + " Use coarser units.")
        furthest, longest = max(furthest, distance), max(longest, duration)
    for name, total in _bounds(problem, furthest, longest).items():
        if total >= LIMIT:
            text = f"may sum to {total}; sums must stay below 2**53. Use coarser units."
            found.add("OVERFLOW", name, text)


def longest_leg(travel: Travel) -> tuple[int, int]:
    """Return upper bounds on the distance and the duration of one leg."""
    if isinstance(travel, Euclidean):
        spread = math.hypot(_spread(travel.xs), _spread(travel.ys))
        leg = math.ceil(min(travel.scale * spread, LIMIT))
        return leg, leg
    if isinstance(travel, GreatCircle):
        leg = math.ceil(min(travel.detour * _HALF_EARTH_M, LIMIT))
        return leg, math.ceil(min(leg / travel.metres_per_second, LIMIT))
    return _largest(travel.distances), _largest(travel.durations)


def _spread(values: npt.NDArray[np.float64]) -> float:
    return float(values.max()) - float(values.min()) if len(values) else 0.0


def _largest(values: npt.NDArray[np.int64]) -> int:
    return int(values.max(initial=0, where=values < UNREACHABLE))


def _bounds(problem: RoutingProblem, furthest: int, longest: int) -> dict[str, int]:
    """Return bounds on the sums over a whole plan, by name.

    Each task is served once, each route and each trip serves at least one, so
    that there are at most three legs and one service at a depot a task.
    """
    tasks = len(problem.visits) + 2 * len(problem.shipments)
    distance = 3 * tasks * furthest
    service = tasks * max((depot.service for depot in problem.depots), default=0)
    service += sum(visit.service for visit in problem.visits)
    service += sum(s.pickup.service + s.delivery.service for s in problem.shipments)
    duration = 3 * tasks * longest + service + tasks * _latest_wait(problem)
    kinds = problem.vehicle_types
    money = tasks * max(kind.fixed_cost for kind in kinds)
    money += distance * max(kind.distance_cost for kind in kinds)
    money += duration * max(kind.duration_cost for kind in kinds)
    money += sum(visit.prize or 0 for visit in problem.visits)
    money += sum(shipment.prize or 0 for shipment in problem.shipments)
    money += sum(group.prize for group in problem.groups)
    sums = {"distances": distance, "durations": duration, "costs": money}
    return sums | {f"loads[{name}]": total for name, total in _load_sums(problem).items()}


def _latest_wait(problem: RoutingProblem) -> int:
    """Return the latest moment that any vehicle may have to wait for."""
    latest = max((depot.window.start for depot in problem.depots), default=0)
    latest = max(latest, max((k.shift.start for k in problem.vehicle_types), default=0))
    for visit in problem.visits:
        start = visit.windows[-1].start if visit.windows else 0
        latest = max(latest, visit.release, start)
    for shipment in problem.shipments:
        for stop in (shipment.pickup, shipment.delivery):
            latest = max(latest, stop.windows[-1].start if stop.windows else 0)
    return latest


def _load_sums(problem: RoutingProblem) -> dict[str, int]:
    totals = [0] * len(problem.dimensions)
    for visit in problem.visits:
        for load in (visit.deliver, visit.collect):
            for k, amount in enumerate(load):
                totals[k] += amount
    for shipment in problem.shipments:
        for k, amount in enumerate(shipment.load):
            totals[k] += amount
    return dict(zip(problem.dimensions, totals, strict=True))
