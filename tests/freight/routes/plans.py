"""Plans in a few letters."""

from __future__ import annotations

from typing import Any

from router.freight.routes.check import check, price, served_ids
from router.freight.routes.plan import Route, RoutePlan, Stop, StopKind, Unserved, UnservedReason
from router.freight.routes.problem import RoutingProblem

_KINDS = {"+": StopKind.PICKUP, "-": StopKind.DELIVERY, "@": StopKind.RELOAD}


def route(stops: str, vehicle_type: str = "van", vehicle: int = 0) -> Route:
    """Return a route of words: ``a`` a visit, ``+s -s`` a shipment, ``@d`` a reload."""
    found = []
    for word in stops.split():
        kind = _KINDS.get(word[0], StopKind.VISIT)
        found.append(Stop(kind, word if kind is StopKind.VISIT else word[1:]))
    return Route(vehicle_type=vehicle_type, vehicle=vehicle, stops=tuple(found))


def plan(problem: RoutingProblem, *routes: Route, **changes: Any) -> RoutePlan:
    """Return the plan of the routes with its true cost and list of unserved."""
    served = served_ids(routes)
    tasks = [*problem.visits, *problem.shipments]
    fields: dict[str, Any] = {
        "routes": routes,
        "unserved": tuple(
            Unserved(task.id, (UnservedReason.FLEET_EXHAUSTED,))
            for task in tasks
            if task.id not in served
        ),
        "cost": price(problem, routes),
        "feasible": True,
    }
    return RoutePlan(**(fields | changes))


def codes(problem: RoutingProblem, *routes: Route) -> list[tuple[str, str]]:
    """Return (code, path) of every rule that a plan of the routes breaks."""
    report = check(problem, plan(problem, *routes))
    assert all(v.message.endswith(".") for v in report.violations)
    return [(v.code, v.path) for v in report.violations]


def cost(problem: RoutingProblem, *routes: Route) -> dict[str, int]:
    """Return the components of the cost of the routes that are not 0."""
    return {name: part for name, part in price(problem, routes).components.items() if part}
