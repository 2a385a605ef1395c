"""The independent judge of route plans.

It reads the problem as the caller stated it and shares no code with any
solver. ``docs/constraints.md`` defines every rule, its code and the cost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from router.errors import Violations
from router.freight.routes.check_route import Size, check_route, size_of
from router.freight.routes.lookup import Lookup
from router.freight.routes.plan import Route, RoutePlan, StopKind
from router.freight.routes.problem import RoutingProblem
from router.solving import CheckReport, Cost


def check(problem: RoutingProblem, plan: RoutePlan) -> CheckReport:
    """Return every rule that the plan breaks, and what it really costs."""
    lookup = Lookup(problem)
    found = Violations()
    known: list[tuple[int, Route]] = []
    for i, route in enumerate(plan.routes):
        if _known(lookup, route, found.at(f"routes[{i}]")):
            known.append((i, route))
    _vehicles(lookup, known, found)
    sizes = [check_route(lookup, route, found.at(f"routes[{i}]")) for i, route in known]
    routes = [route for _, route in known]
    served = served_ids(routes)
    _served_once(known, found)
    _required(problem, served, found)
    _groups(problem, served, found)
    _unserved_list(problem, plan, served, found)
    cost = _price(lookup, zip(routes, sizes, strict=True), served)
    if plan.cost.total != cost.total:
        text = f"is {plan.cost.total}, but the plan costs {cost.total}."
        found.add("COST_MISMATCH", "cost", text)
    return CheckReport(tuple(found), cost)


def price(problem: RoutingProblem, routes: Sequence[Route]) -> Cost:
    """Return the cost of the routes, prizes lost included.

    Raises
    ------
    KeyError
        If a route names a vehicle type or stop that the problem lacks.
    """
    lookup = Lookup(problem)
    sizes = ((route, size_of(lookup, route)) for route in routes)
    return _price(lookup, sizes, served_ids(routes))


def served_ids(routes: Iterable[Route]) -> set[str]:
    """Return the ids of all visits and shipments with a stop in the routes."""
    return {stop.id for route in routes for stop in route.stops if stop.kind is not StopKind.RELOAD}


def _known(lookup: Lookup, route: Route, found: Violations) -> bool:
    """UNKNOWN_VEHICLE_TYPE, UNKNOWN_STOP: return whether the route can be judged."""
    before = len(found)
    if route.vehicle_type not in lookup.vehicle_types:
        text = f"'{route.vehicle_type}' is not among the vehicle types."
        found.add("UNKNOWN_VEHICLE_TYPE", "vehicle_type", text)
    for i, stop in enumerate(route.stops):
        if not lookup.knows(stop):
            text = f"the problem has no {stop.kind} '{stop.id}'."
            found.add("UNKNOWN_STOP", f"stops[{i}]", text)
    return len(found) == before


def _vehicles(lookup: Lookup, routes: Iterable[tuple[int, Route]], found: Violations) -> None:
    """FLEET, VEHICLE_TWICE: each vehicle exists and drives one route."""
    seen: dict[tuple[str, int], int] = {}
    for i, route in routes:
        count = lookup.vehicle_types[route.vehicle_type].count
        if route.vehicle < 0 or (count is not None and route.vehicle >= count):
            text = f"is {route.vehicle}; '{route.vehicle_type}' has {count} vehicles, from 0."
            found.add("FLEET", f"routes[{i}].vehicle", text)
        other = seen.setdefault((route.vehicle_type, route.vehicle), i)
        if other != i:
            text = f"{route.vehicle} of '{route.vehicle_type}' already drives routes[{other}]."
            found.add("VEHICLE_TWICE", f"routes[{i}].vehicle", text)


def _served_once(routes: Iterable[tuple[int, Route]], found: Violations) -> None:
    """SERVED_TWICE: each visit, pickup and delivery stands once in the plan."""
    first: dict[tuple[StopKind, str], str] = {}
    for i, route in routes:
        for k, stop in enumerate(route.stops):
            if stop.kind is StopKind.RELOAD:
                continue
            path = f"routes[{i}].stops[{k}]"
            other = first.setdefault((stop.kind, stop.id), path)
            if other != path:
                text = f"{stop.kind} '{stop.id}' already stands at {other}."
                found.add("SERVED_TWICE", path, text)


def _required(problem: RoutingProblem, served: set[str], found: Violations) -> None:
    """REQUIRED_UNSERVED: what has no prize and no group is served."""
    grouped = {visit for group in problem.groups for visit in group.visits}
    for i, visit in enumerate(problem.visits):
        if visit.prize is None and visit.id not in grouped and visit.id not in served:
            text = f"'{visit.id}' must be visited, but no route does."
            found.add("REQUIRED_UNSERVED", f"visits[{i}]", text)
    for i, shipment in enumerate(problem.shipments):
        if shipment.prize is None and shipment.id not in served:
            text = f"'{shipment.id}' must be carried, but no route does."
            found.add("REQUIRED_UNSERVED", f"shipments[{i}]", text)


def _groups(problem: RoutingProblem, served: set[str], found: Violations) -> None:
    """GROUP: at most one member, exactly one where required."""
    for i, group in enumerate(problem.groups):
        count = sum(visit in served for visit in group.visits)
        if count > 1 or (group.required and not count):
            wanted = "exactly 1" if group.required else "at most 1"
            text = f"'{group.id}' has {count} members served; {wanted} must be."
            found.add("GROUP", f"groups[{i}]", text)


def _unserved_list(
    problem: RoutingProblem, plan: RoutePlan, served: set[str], found: Violations
) -> None:
    """UNSERVED_LIST: the list is exactly what stands in no route."""
    listed = Counter(item.id for item in plan.unserved)
    missing = {task.id for task in problem.visits} | {task.id for task in problem.shipments}
    missing -= served
    for i, item in enumerate(plan.unserved):
        if item.id not in missing:
            text = f"'{item.id}' is served, or not in the problem."
            found.add("UNSERVED_LIST", f"unserved[{i}]", text)
        elif listed[item.id] > 1:
            found.add("UNSERVED_LIST", f"unserved[{i}]", f"'{item.id}' is listed twice.")
    for name in sorted(missing - set(listed)):
        found.add("UNSERVED_LIST", "unserved", f"lacks '{name}', which stands in no route.")


def _price(lookup: Lookup, sizes: Iterable[tuple[Route, Size]], served: set[str]) -> Cost:
    """Return the cost of known routes, split into its components."""
    fixed = distance = duration = 0
    for route, (long, lasting) in sizes:
        kind = lookup.vehicle_types[route.vehicle_type]
        fixed += kind.fixed_cost if route.stops else 0
        distance += kind.distance_cost * long
        duration += kind.duration_cost * lasting
    prizes = _prizes(lookup.problem, served)
    return Cost.of(fixed=fixed, distance=distance, duration=duration, prizes=prizes)


def _prizes(problem: RoutingProblem, served: set[str]) -> int:
    """Return the prizes lost with what is not served."""
    lost = sum(visit.prize or 0 for visit in problem.visits if visit.id not in served)
    lost += sum(item.prize or 0 for item in problem.shipments if item.id not in served)
    return lost + sum(
        group.prize for group in problem.groups if not served.intersection(group.visits)
    )
