"""Ids to indices and back: the only place where a routing problem becomes arrays."""

from __future__ import annotations

from router.freight.routes.compile.compiled import Compiled as Compiled
from router.freight.routes.compile.fleet import depot_arrays, fleet_arrays
from router.freight.routes.compile.kinds import classify
from router.freight.routes.compile.scales import (
    absence_price,
    insertion_orders,
    spacing_of,
    stop_view,
)
from router.freight.routes.compile.stops import stop_arrays
from router.freight.routes.compile.travel import travel_arrays
from router.freight.routes.plan import Stop, StopKind
from router.freight.routes.problem import BackhaulRule, RoutingProblem
from router.search.neighbours import neighbour_lists
from router.search.parameters import Parameters
from router.search.problem import RouteArrays

_BACKHAUL = {
    BackhaulRule.MIXED: 0,
    BackhaulRule.LINEHAUL_FIRST: 1,
    BackhaulRule.LINEHAUL_REQUIRED: 2,
}


def compile_problem(problem: RoutingProblem, neighbours: int | None = None) -> Compiled:
    """Return the problem as arrays, with so many neighbours a stop, else as tuned."""
    return Compiled(problem, _arrays(problem, neighbours), _stops(problem))


def _stops(problem: RoutingProblem) -> tuple[Stop, ...]:
    found = [Stop(StopKind.VISIT, visit.id) for visit in problem.visits]
    for shipment in problem.shipments:
        found.append(Stop(StopKind.PICKUP, shipment.id))
        found.append(Stop(StopKind.DELIVERY, shipment.id))
    return tuple(found)


def _arrays(problem: RoutingProblem, neighbours: int | None) -> RouteArrays:
    stops, fleet = stop_arrays(problem), fleet_arrays(problem)
    kind, features, loads = classify(problem, stops, fleet)
    view = stop_view(problem, stops, kind)
    tuned = Parameters.tuned(kind, features, len(stops["place"]))
    near = neighbour_lists(view, neighbours or tuned.neighbours)
    spacing = spacing_of(view, near, fleet["per_distance"])
    return RouteArrays(
        stops=len(stops["place"]),
        locations=len(problem.locations),
        kind=kind,
        features=features,
        backhaul=_BACKHAUL[problem.backhaul],
        travel=tuple(travel_arrays(one) for one in problem.travel.values()),
        near=near,
        absence=absence_price(problem, fleet, spacing),
        spacing=spacing,
        **stops,
        **fleet,
        **loads,
        **insertion_orders(problem, stops, loads, kind),
        **depot_arrays(problem),
    )
