"""Times, loads and distances along the routes of a plan, for people to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from router.freight.routes.loads import loads
from router.freight.routes.lookup import Lookup
from router.freight.routes.plan import Route, RoutePlan
from router.freight.routes.problem import RoutingProblem
from router.freight.routes.timeline import best_timing, events
from router.solving import Cost


class EventKind(StrEnum):
    """What happens: as :class:`StopKind`, and the two ends of a route."""

    START = "start"
    VISIT = "visit"
    PICKUP = "pickup"
    DELIVERY = "delivery"
    RELOAD = "reload"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledEvent:
    """One event of a route, as its vehicle lives it."""

    kind: EventKind
    id: str
    """Depot, visit or shipment; empty at an open end."""
    location: str
    arrival: int
    """When the vehicle arrives, seconds."""
    start: int
    """When loading or service starts."""
    departure: int
    """When the vehicle may drive on."""
    distance: int
    """Distance driven from the route's start to here."""
    load: tuple[int, ...]
    """What is on board afterwards, one value a dimension."""

    @property
    def waiting(self) -> int:
        """Seconds between arrival and start."""
        return self.start - self.arrival


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteSchedule:
    """A route's events in order; at least its start and end."""

    vehicle_type: str
    vehicle: int
    events: tuple[ScheduledEvent, ...]
    cost: Cost
    """Split into ``fixed``, ``distance``, ``duration``."""

    @property
    def distance(self) -> int:
        """Distance of the whole route."""
        return self.events[-1].distance

    @property
    def duration(self) -> int:
        """Seconds from the start of the first loading to the end."""
        return self.events[-1].start - self.events[0].start


def schedule(problem: RoutingProblem, plan: RoutePlan) -> tuple[RouteSchedule, ...]:
    """Return the schedule of each route with stops, at its best start.

    Raises
    ------
    KeyError
        If a route names a vehicle type or stop that the problem lacks.
    """
    lookup = Lookup(problem)
    return tuple(_scheduled(lookup, route) for route in plan.routes if route.stops)


def _scheduled(lookup: Lookup, route: Route) -> RouteSchedule:
    kind = lookup.vehicle_types[route.vehicle_type]
    chain = events(lookup, route)
    timing = best_timing(chain)
    distances = list(accumulate(event.distance for event in chain))
    carried = [*loads(lookup, route), (0,) * len(lookup.problem.dimensions)]
    found = []
    for i, (what, name) in enumerate(_names(lookup, route)):
        found.append(
            ScheduledEvent(
                kind=what,
                id=name,
                location=lookup.problem.locations[chain[i].location].id,
                arrival=timing.arrivals[i],
                start=timing.starts[i],
                departure=timing.starts[i] + chain[i].service,
                distance=distances[i],
                load=carried[i],
            )
        )
    return RouteSchedule(
        vehicle_type=route.vehicle_type,
        vehicle=route.vehicle,
        events=tuple(found),
        cost=Cost.of(
            fixed=kind.fixed_cost,
            distance=kind.distance_cost * distances[-1],
            duration=kind.duration_cost * timing.duration,
        ),
    )


def _names(lookup: Lookup, route: Route) -> Sequence[tuple[EventKind, str]]:
    kind = lookup.vehicle_types[route.vehicle_type]
    stops = [(EventKind(stop.kind.value), stop.id) for stop in route.stops]
    return [(EventKind.START, kind.start), *stops, (EventKind.END, kind.end or "")]
