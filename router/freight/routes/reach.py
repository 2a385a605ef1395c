"""Which places a vehicle type can drive to, and back from.

Only a matrix can hold legs without a way; a place is reached over any stops in
between, so a place found unreachable here is so in every plan.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from router.errors import Violations
from router.matrix import UNREACHABLE, Matrix

if TYPE_CHECKING:
    from router.freight.routes.problem import RoutingProblem, VehicleType

Mask = npt.NDArray[np.bool_]


def check_reach(problem: RoutingProblem, found: Violations) -> None:
    """UNREACHABLE: every required stop has a way there and back for some vehicle."""
    if not any(_has_gaps(travel) for travel in problem.travel.values()):
        return
    index = {place.id: i for i, place in enumerate(problem.locations)}
    masks = [mask for _, mask in reachable_by_type(problem)]
    grouped = {visit for group in problem.groups for visit in group.visits}
    text = "'{}' has no way there and back for any vehicle; mend the matrix or leave it out."
    for i, visit in enumerate(problem.visits):
        required = visit.prize is None and visit.id not in grouped
        if required and not any(mask[index[visit.location]] for mask in masks):
            found.add("UNREACHABLE", f"visits[{i}].location", text.format(visit.location))
    for i, shipment in enumerate(problem.shipments):
        ends = (shipment.pickup.location, shipment.delivery.location)
        if shipment.prize is None and not any(
            mask[index[ends[0]]] and mask[index[ends[1]]] for mask in masks
        ):
            found.add("UNREACHABLE", f"shipments[{i}]", text.format("' or '".join(ends)))
    places = {visit.id: index[visit.location] for visit in problem.visits}
    for i, group in enumerate(problem.groups):
        alive = any(mask[places[visit]] for mask in masks for visit in group.visits)
        if group.required and not alive:
            found.add("UNREACHABLE", f"groups[{i}].visits", text.format(", ".join(group.visits)))


def reachable_by_type(problem: RoutingProblem) -> list[tuple[VehicleType, Mask]]:
    """Return, for each type with vehicles, the locations it can serve.

    The mask has one entry a location, in the problem's order.
    """
    index = {place.id: i for i, place in enumerate(problem.locations)}
    at = {depot.id: index[depot.location] for depot in problem.depots}
    ways = {name: _ways(travel) for name, travel in problem.travel.items()}

    @cache
    def reached(profile: str, depot: str, back: bool) -> Mask:
        way = ways[profile]
        if way is None:
            return np.ones(len(problem.locations), dtype=bool)
        return _reached(way.T if back else way, at[depot])

    masks = []
    for kind in problem.vehicle_types:
        if kind.count == 0:
            continue
        mask = reached(kind.profile, kind.start, False)
        if kind.end is not None:
            mask = mask & reached(kind.profile, kind.end, True)
        masks.append((kind, mask))
    return masks


def _has_gaps(travel: object) -> bool:
    if not isinstance(travel, Matrix):
        return False
    gap = max(travel.distances.max(initial=0), travel.durations.max(initial=0))
    return bool(gap >= UNREACHABLE)


def _ways(travel: object) -> Mask | None:
    """Return where there is a leg, or ``None`` where there is one everywhere."""
    if not isinstance(travel, Matrix) or not _has_gaps(travel):
        return None
    return (travel.distances < UNREACHABLE) & (travel.durations < UNREACHABLE)


def _reached(way: Mask, start: int) -> Mask:
    """Return the places reached from ``start`` over any number of legs."""
    seen = np.zeros(len(way), dtype=bool)
    seen[start] = True
    frontier = np.array([start])
    while len(frontier):
        fresh = way[frontier].any(axis=0) & ~seen
        seen |= fresh
        frontier = np.flatnonzero(fresh)
    return seen
