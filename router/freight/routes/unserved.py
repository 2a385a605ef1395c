"""Why a visit or shipment stands in no route, as codes.

Each is tried alone on each vehicle type by the rules of the checker. What no
vehicle could do alone has the reasons that hold for every type; failing those,
all reasons of the types together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from router.errors import Violations
from router.freight.routes.check import served_ids
from router.freight.routes.check_route import check_route
from router.freight.routes.lookup import Lookup
from router.freight.routes.plan import Route, Stop, StopKind, Unserved, UnservedReason
from router.freight.routes.problem import RoutingProblem, VehicleType
from router.freight.routes.reach import reachable_by_type

MOST_TRIALS = 2_000
"""Insertions tried per call, about 0.1 s, to tell NOT_WORTH_IT from FLEET_EXHAUSTED."""

_REASON = {
    "CAPACITY": UnservedReason.CAPACITY,
    "SKILLS": UnservedReason.SKILLS,
    "TIME_WINDOW": UnservedReason.TIME_WINDOW,
    "DEPOT_WINDOW": UnservedReason.TIME_WINDOW,
    "SHIFT": UnservedReason.TIME_WINDOW,
    "MAX_DISTANCE": UnservedReason.DISTANCE,
    "MAX_DURATION": UnservedReason.DURATION,
}


def unserved(problem: RoutingProblem, routes: Sequence[Route]) -> tuple[Unserved, ...]:
    """Return what stands in no route, in the problem's order, with its reasons.

    Raises
    ------
    KeyError
        If a route names a vehicle type or stop that the problem lacks.
    """
    served = served_ids(routes)
    judge = _Judge(problem, routes, served)
    found = [
        Unserved(visit.id, judge.reasons((Stop(StopKind.VISIT, visit.id),), visit.prize))
        for visit in problem.visits
        if visit.id not in served
    ]
    for shipment in problem.shipments:
        if shipment.id not in served:
            stops = (Stop(StopKind.PICKUP, shipment.id), Stop(StopKind.DELIVERY, shipment.id))
            found.append(Unserved(shipment.id, judge.reasons(stops, shipment.prize)))
    return tuple(found)


class _Judge:
    """Knows the plan's routes, its spare vehicles and what can be reached."""

    def __init__(self, problem: RoutingProblem, routes: Sequence[Route], served: set[str]) -> None:
        self._lookup = Lookup(problem)
        self._routes = routes
        self._masks = reachable_by_type(problem)
        self._spare = _spare_types(problem, routes)
        self._optional_groups = _by_member(problem)
        self._taken = {v for g in problem.groups if served & set(g.visits) for v in g.visits}
        self._trials = MOST_TRIALS

    def reasons(self, stops: tuple[Stop, ...], prize: int | None) -> tuple[UnservedReason, ...]:
        """Return every reason that applies to the visit or shipment of ``stops``."""
        if stops[0].id in self._taken:
            return (UnservedReason.OTHER_OF_GROUP,)
        hindrances = {kind.id: self._alone(kind, stops) for kind, _ in self._masks}
        if all(hindrances.values()):
            common = set.intersection(*hindrances.values())
            return tuple(sorted(common or set.union(*hindrances.values())))
        able = {name for name, hindrance in hindrances.items() if not hindrance}
        optional = prize is not None or self._optional_groups.get(stops[0].id, False)
        if optional and (able & self._spare or self._fits(stops, able)):
            return (UnservedReason.NOT_WORTH_IT,)
        return (UnservedReason.FLEET_EXHAUSTED,)

    def _alone(self, kind: VehicleType, stops: tuple[Stop, ...]) -> set[UnservedReason]:
        """Return what hinders a vehicle of the type to serve only these stops."""
        mask = next(mask for other, mask in self._masks if other is kind)
        places = [self._lookup.place[self._lookup.work(stop).location] for stop in stops]
        if not all(mask[place] for place in places):
            return {UnservedReason.UNREACHABLE}
        codes = self._broken(Route(vehicle_type=kind.id, stops=stops))
        return {_REASON[code] for code in codes if code in _REASON}

    def _broken(self, route: Route) -> set[str]:
        found = Violations()
        check_route(self._lookup, route, found)
        return {violation.code for violation in found}

    def _fits(self, stops: tuple[Stop, ...], able: set[str]) -> bool:
        """Return whether a route of the plan has room for the stops, side by side."""
        for route in self._routes:
            if route.vehicle_type not in able:
                continue
            for i in range(len(route.stops) + 1):
                if not self._trials:
                    return False
                self._trials -= 1
                longer = (*route.stops[:i], *stops, *route.stops[i:])
                if not self._broken(Route(vehicle_type=route.vehicle_type, stops=longer)):
                    return True
        return False


def _spare_types(problem: RoutingProblem, routes: Iterable[Route]) -> set[str]:
    """Return the types with a vehicle that drives no route."""
    used = Counter(route.vehicle_type for route in routes if route.stops)
    return {k.id for k in problem.vehicle_types if k.count is None or used[k.id] < k.count}


def _by_member(problem: RoutingProblem) -> dict[str, bool]:
    """Return for each member of a group whether the group may stay unserved."""
    return {visit: not group.required for group in problem.groups for visit in group.visits}
