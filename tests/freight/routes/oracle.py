"""The optimum of a tiny problem, by trying every plan."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, permutations, product

from router.errors import Violations
from router.freight.routes.check_route import check_route
from router.freight.routes.lookup import Lookup
from router.freight.routes.plan import Route, Stop, StopKind
from router.freight.routes.problem import RoutingProblem, VehicleType

Value = tuple[int, int]
"""Required jobs (or groups) left out, then cost: smaller is better."""


def optimum(problem: RoutingProblem) -> Value:
    """Return the value of the best plan; for up to four stops or so."""
    cheapest: dict[tuple[str, frozenset[str]], int] = {}
    lookup = Lookup(problem)
    for kind in problem.vehicle_types:
        for route in _routes(problem, kind):
            found = Violations()
            distance, duration = check_route(lookup, route, found)
            if len(found):
                continue
            cost = kind.fixed_cost + kind.distance_cost * distance + kind.duration_cost * duration
            served = frozenset(s.id for s in route.stops if s.kind is not StopKind.RELOAD)
            key = kind.id, served
            cheapest[key] = min(cost, cheapest.get(key, cost))
    return min(_values(problem, list(cheapest.items()), frozenset(), 0))


def _routes(problem: RoutingProblem, kind: VehicleType) -> Iterator[Route]:
    """Yield every order of every set of stops, with every choice of reloads between."""
    pairs = [
        (Stop(StopKind.PICKUP, s.id), Stop(StopKind.DELIVERY, s.id)) for s in problem.shipments
    ]
    stops = [Stop(StopKind.VISIT, v.id) for v in problem.visits]
    stops += [stop for pair in pairs for stop in pair]
    reloads = [(), *((Stop(StopKind.RELOAD, depot),) for depot in kind.reload_depots)]
    for size in range(1, len(stops) + 1):
        for order in permutations(stops, size):
            if any((one in order) != (other in order) for one, other in pairs):
                continue
            for between in product(reloads, repeat=size - 1):
                rest = [
                    stop
                    for (_, after), gap in zip(pairwise(order), between, strict=True)
                    for stop in (*gap, after)
                ]
                yield Route(vehicle_type=kind.id, stops=(order[0], *rest))


def _values(
    problem: RoutingProblem,
    routes: list[tuple[tuple[str, frozenset[str]], int]],
    served: frozenset[str],
    cost: int,
    used: tuple[str, ...] = (),
) -> Iterator[Value]:
    """Yield the value of every set of routes that the fleet can drive."""
    value = _left_out(problem, served)
    if value is not None:
        yield value[0], value[1] + cost
    counts = {kind.id: kind.count for kind in problem.vehicle_types}
    for i, ((kind, jobs), price) in enumerate(routes):
        most = counts[kind]
        if jobs & served or (most is not None and used.count(kind) >= most):
            continue
        yield from _values(problem, routes[i + 1 :], served | jobs, cost + price, (*used, kind))


def _left_out(problem: RoutingProblem, served: frozenset[str]) -> Value | None:
    """Return what is missing and the prizes lost; ``None`` where a group has two served."""
    grouped = {visit for group in problem.groups for visit in group.visits}
    missing = prizes = 0
    for task in (*problem.visits, *problem.shipments):
        if task.id in served or task.id in grouped:
            continue
        missing += task.prize is None
        prizes += task.prize or 0
    for group in problem.groups:
        count = len(served.intersection(group.visits))
        if count > 1:
            return None
        missing += group.required and not count
        prizes += group.prize if not count else 0
    return missing, prizes
