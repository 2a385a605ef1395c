"""Plans as GeoJSON (RFC 7946), for any map tool.

Each function returns one FeatureCollection: places as points and ways as
straight lines, longitude before latitude, what the plan says as properties.
Times are seconds since the start of the day, money is in minor units.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from router.airtaxi.problem import AirTaxiProblem
from router.airtaxi.schedule import FlightPlan
from router.freight.flows.plan import FlowPlan
from router.freight.flows.problem import FlowProblem
from router.freight.routes.plan import RoutePlan
from router.freight.routes.problem import Location, RoutingProblem
from router.freight.routes.schedule import RouteSchedule, schedule

Position = tuple[float, float]
Feature = dict[str, Any]


def airtaxi_plan(problem: AirTaxiProblem, plan: FlightPlan) -> Feature:
    """Return vertiports with their movements and corridors with their flights."""
    flights = Counter((f.origin, f.destination) for f in plan.flights)
    empty = Counter((f.origin, f.destination) for f in plan.flights if not f.trips)
    riders: Counter[tuple[str, str]] = Counter()
    for flight in plan.flights:
        riders[flight.origin, flight.destination] += sum(
            problem.trip[trip].party for trip in flight.trips
        )
    places = {v.id: (v.lon, v.lat) for v in problem.vertiports}
    points = (
        _point(
            places[v.id],
            kind="vertiport",
            id=v.id,
            name=v.name,
            elevation_m=v.elevation_m,
            takeoffs=sum(n for key, n in flights.items() if key[0] == v.id),
            landings=sum(n for key, n in flights.items() if key[1] == v.id),
        )
        for v in problem.vertiports
    )
    lines = (
        _line(
            [places[origin], places[destination]],
            kind="corridor",
            origin=origin,
            destination=destination,
            flights=number,
            empty_flights=empty[origin, destination],
            passengers=riders[origin, destination],
        )
        for (origin, destination), number in sorted(flights.items())
    )
    return _collection([*points, *lines])


def route_plan(problem: RoutingProblem, plan: RoutePlan) -> Feature:
    """Return depots, stops with their times, and a line for each route.

    Needs locations with longitude ``x`` and latitude ``y`` in degrees.

    Raises
    ------
    ValueError
        If a location is not on the earth.
    """
    places = {place.id: _degrees(place) for place in problem.locations}
    depots = (_point(places[depot.location], kind="depot", id=depot.id) for depot in problem.depots)
    left = {unserved.id: list(unserved.reasons) for unserved in plan.unserved}
    missed = [(v.id, v.location) for v in problem.visits if v.id in left]
    missed += [(s.id, s.delivery.location) for s in problem.shipments if s.id in left]
    unserved = (
        _point(places[where], kind="unserved", id=name, reasons=left[name])
        for name, where in missed
    )
    driven = schedule(problem, plan)
    stops = (feature for route in driven for feature in _stops(route, places))
    lines = (_route(route, places) for route in driven)
    return _collection([*depots, *stops, *unserved, *lines])


def _stops(route: RouteSchedule, places: Mapping[str, Position]) -> Iterable[Feature]:
    for order, event in enumerate(route.events[1:-1], start=1):
        yield _point(
            places[event.location],
            kind=str(event.kind),
            id=event.id,
            vehicle=f"{route.vehicle_type}/{route.vehicle}",
            order=order,
            arrival=event.arrival,
            start=event.start,
            departure=event.departure,
            load=list(event.load),
        )


def _route(route: RouteSchedule, places: Mapping[str, Position]) -> Feature:
    events = route.events if route.events[-1].id else route.events[:-1]
    return _line(
        [places[event.location] for event in events],
        kind="route",
        vehicle=f"{route.vehicle_type}/{route.vehicle}",
        stops=len(route.events) - 2,
        distance=route.distance,
        duration=route.duration,
        cost=route.cost.total,
    )


def flow_plan(problem: FlowProblem, plan: FlowPlan) -> Feature:
    """Return nodes, and used lanes with what they carry and how many departures."""
    places = {node.id: (node.x, node.y) for node in problem.nodes}
    carried: Counter[str] = Counter()
    for flow in plan.flows:
        carried[flow.lane] += flow.amount
    runs = {d.lane: d.count for d in plan.departures}
    points = (_point(places[node.id], kind="node", id=node.id) for node in problem.nodes)
    lines = (
        _line(
            [places[lane.origin], places[lane.destination]],
            kind="lane",
            id=lane.id,
            mode=str(lane.mode),
            carried=carried[lane.id],
            departures=runs[lane.id],
            capacity=runs[lane.id] * lane.capacity,
            unit=problem.unit,
        )
        for lane in problem.lanes
        if lane.id in runs
    )
    return _collection([*points, *lines])


def _degrees(place: Location) -> Position:
    if not (-180 <= place.x <= 180 and -90 <= place.y <= 90):
        raise ValueError(f"location {place.id!r} at ({place.x}, {place.y}) is not on the earth.")
    return place.x, place.y


def _point(place: Position, **properties: object) -> Feature:
    return _feature({"type": "Point", "coordinates": list(place)}, properties)


def _line(places: Sequence[Position], **properties: object) -> Feature:
    return _feature({"type": "LineString", "coordinates": [list(p) for p in places]}, properties)


def _feature(geometry: Feature, properties: Mapping[str, object]) -> Feature:
    return {"type": "Feature", "geometry": geometry, "properties": dict(properties)}


def _collection(features: Sequence[Feature]) -> Feature:
    return {"type": "FeatureCollection", "features": list(features)}
