"""A problem as arrays, and what its indices stand for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from router.freight.routes.plan import Route, Stop, StopKind
from router.freight.routes.problem import RoutingProblem
from router.search.problem import ArrayRoute, Item, RouteArrays


@dataclass(frozen=True, slots=True)
class Compiled:
    """A problem as arrays, and what its indices stand for."""

    problem: RoutingProblem
    arrays: RouteArrays
    stops: tuple[Stop, ...]
    """By stop index: visits in order, then pickup and delivery of each shipment."""

    def routes(self, routes: Sequence[ArrayRoute]) -> tuple[Route, ...]:
        """Return array routes in the caller's ids."""
        first = self.arrays.first_slot
        return tuple(
            Route(
                vehicle_type=self.problem.vehicle_types[route.type].id,
                vehicle=route.slot - int(first[route.type]),
                stops=tuple(self._stop(item) for item in route.items),
            )
            for route in routes
        )

    def _stop(self, item: Item) -> Stop:
        if item >= 0:
            return self.stops[item]
        return Stop(StopKind.RELOAD, self.problem.depots[-1 - item].id)

    def start(self, routes: Sequence[Route]) -> list[tuple[int, list[Item]]]:
        """Return the caller's routes as items; what is unknown or repeated is dropped."""
        types = {kind.id: k for k, kind in enumerate(self.problem.vehicle_types)}
        depots = {depot.id: -1 - k for k, depot in enumerate(self.problem.depots)}
        index = {stop: k for k, stop in enumerate(self.stops)}
        seen: set[Item] = set()
        found = []
        for route in routes:
            if route.vehicle_type not in types:
                continue
            items = []
            for stop in route.stops:
                reload = stop.kind is StopKind.RELOAD
                item = depots.get(stop.id) if reload else index.get(stop)
                if item is None or item in seen:
                    continue
                if not reload:
                    seen.add(item)
                items.append(item)
            found.append((types[route.vehicle_type], self._mated(items)))
        return found

    def _mated(self, items: list[Item]) -> list[Item]:
        """Drop stops of shipments whose two stops are not in order in one trip."""
        trip, trips = 0, {}
        order = {}
        for at, item in enumerate(items):
            trip += item < 0
            trips[item] = trip
            order[item] = at
        mate, pickup = self.arrays.mate, self.arrays.pickup
        kept = []
        for item in items:
            other = int(mate[item]) if item >= 0 else -1
            if other >= 0:
                early, late = (item, other) if pickup[item] else (other, item)
                if trips.get(early) != trips.get(late) or order[early] > order[late]:
                    continue
            kept.append(item)
        return kept
