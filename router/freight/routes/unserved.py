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

MOST_JUDGED = 2_000
"""Jobs tried alone on every vehicle type; of further ones only load and skills are
looked at, so that a search cut short on a large problem still ends in time."""
MOST_TRIED = 5_000
"""Stops of longer routes tried, in all, to tell NOT_WORTH_IT from FLEET_EXHAUSTED."""

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
        self._to_judge = MOST_JUDGED
        self._to_try = MOST_TRIED

    def reasons(self, stops: tuple[Stop, ...], prize: int | None) -> tuple[UnservedReason, ...]:
        """Return every reason that applies to the visit or shipment of ``stops``."""
        if stops[0].id in self._taken:
            return (UnservedReason.OTHER_OF_GROUP,)
        self._to_judge -= 1
        hindered = self._alone if self._to_judge >= 0 else self._unable
        hindrances = {kind.id: hindered(kind, stops) for kind, _ in self._masks}
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

    def _unable(self, kind: VehicleType, stops: tuple[Stop, ...]) -> set[UnservedReason]:
        """Return whether load or skills alone hinder a vehicle of the type."""
        name = stops[0].id
        visit = self._lookup.visits.get(name)
        task = visit or self._lookup.shipments[name]
        found = set() if task.skills <= kind.skills else {UnservedReason.SKILLS}
        amounts = (visit.deliver, visit.collect) if visit else (self._lookup.shipments[name].load,)
        heavy = any(
            a > most for load in amounts for a, most in zip(load, kind.capacity, strict=False)
        )
        return found | {UnservedReason.CAPACITY} if heavy else found

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
                if self._to_try <= 0:
                    return False
                self._to_try -= len(route.stops)
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
