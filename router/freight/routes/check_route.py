"""The rules that one route has to keep, each in one function."""

from __future__ import annotations

from collections.abc import Iterator

from router.errors import Violations
from router.freight.routes.loads import loads
from router.freight.routes.lookup import Lookup
from router.freight.routes.plan import Route, Stop, StopKind
from router.freight.routes.problem import BackhaulRule, VehicleType
from router.freight.routes.timeline import Event, Timing, best_timing, events

Size = tuple[int, int]
"""Distance and duration of a route."""


def check_route(lookup: Lookup, route: Route, found: Violations) -> Size:
    """Note every rule that the route breaks, and return its distance and duration.

    Its ids must be known to the problem. A route without stops has no size.
    """
    if not route.stops:
        return 0, 0
    kind = lookup.vehicle_types[route.vehicle_type]
    _stops_allowed(kind, route, found)
    _reloads(kind, route, found)
    _skills(lookup, kind, route, found)
    _pairing(route, found)
    _capacity(lookup, kind, route, found)
    _backhaul(lookup, route, found)
    chain = events(lookup, route)
    timing = best_timing(chain)
    _ways(chain, found)
    _times(lookup, kind, route, timing, found)
    size = _size(chain, timing)
    _limits(kind, size, found)
    return size


def size_of(lookup: Lookup, route: Route) -> Size:
    """Return distance and duration of a route whose ids are known."""
    if not route.stops:
        return 0, 0
    chain = events(lookup, route)
    return _size(chain, best_timing(chain))


def _size(chain: tuple[Event, ...], timing: Timing) -> Size:
    return sum(event.distance for event in chain), timing.duration


def _stops_allowed(kind: VehicleType, route: Route, found: Violations) -> None:
    """MAX_STOPS: reloads do not count."""
    count = sum(stop.kind is not StopKind.RELOAD for stop in route.stops)
    if kind.max_stops is not None and count > kind.max_stops:
        text = f"has {count} stops; vehicle type '{kind.id}' allows {kind.max_stops}."
        found.add("MAX_STOPS", "stops", text)


def _reloads(kind: VehicleType, route: Route, found: Violations) -> None:
    """RELOAD_DEPOT, MAX_RELOADS."""
    count = 0
    for i, stop in enumerate(route.stops):
        if stop.kind is not StopKind.RELOAD:
            continue
        count += 1
        if stop.id not in kind.reload_depots:
            text = f"'{stop.id}' is not a reload depot of vehicle type '{kind.id}'."
            found.add("RELOAD_DEPOT", f"stops[{i}]", text)
    if kind.max_reloads is not None and count > kind.max_reloads:
        text = f"has {count} reloads; vehicle type '{kind.id}' allows {kind.max_reloads}."
        found.add("MAX_RELOADS", "stops", text)


def _skills(lookup: Lookup, kind: VehicleType, route: Route, found: Violations) -> None:
    """SKILLS: the vehicle has all that each stop asks for."""
    for i, stop in enumerate(route.stops):
        if stop.kind is StopKind.RELOAD:
            continue
        task = lookup.visits if stop.kind is StopKind.VISIT else lookup.shipments
        missing = sorted(task[stop.id].skills - kind.skills)
        if missing:
            text = f"'{stop.id}' asks for {missing}, which vehicle type '{kind.id}' has not."
            found.add("SKILLS", f"stops[{i}]", text)


def _pairing(route: Route, found: Violations) -> None:
    """PAIRING: pickup, then delivery, in one trip."""
    waiting: dict[str, int] = {}
    for i, stop in enumerate(route.stops):
        if stop.kind is StopKind.RELOAD:
            _undelivered(waiting, "before the reload", found)
            waiting = {}
        elif stop.kind is StopKind.PICKUP:
            waiting[stop.id] = i
        elif stop.kind is StopKind.DELIVERY and waiting.pop(stop.id, None) is None:
            text = f"delivers '{stop.id}', which was not picked up in this trip."
            found.add("PAIRING", f"stops[{i}]", text)
    _undelivered(waiting, "in this route", found)


def _undelivered(waiting: dict[str, int], where: str, found: Violations) -> None:
    for name, i in waiting.items():
        found.add("PAIRING", f"stops[{i}]", f"picks up '{name}' and does not deliver it {where}.")


def _capacity(lookup: Lookup, kind: VehicleType, route: Route, found: Violations) -> None:
    """CAPACITY: after the loading and after each stop, in each dimension."""
    if not kind.capacity:
        return
    names = lookup.problem.dimensions
    for i, load in enumerate(loads(lookup, route)):
        for name, amount, most in zip(names, load, kind.capacity, strict=True):
            if amount > most:
                path = f"stops[{i - 1}]" if i else "stops"
                when = "leaves with" if i else "starts with"
                found.add("CAPACITY", path, f"{when} {amount} {name}; the capacity is {most}.")


def _backhaul(lookup: Lookup, route: Route, found: Violations) -> None:
    """BACKHAUL: in each trip, deliveries before collections."""
    rule = lookup.problem.backhaul
    if rule is BackhaulRule.MIXED:
        return
    for trip in _trips(route):
        collected = False
        for position, (i, stop) in enumerate(trip):
            if stop.kind is not StopKind.VISIT:
                continue
            visit = lookup.visits[stop.id]
            delivers, collects = any(visit.deliver), any(visit.collect)
            if delivers and collected:
                found.add("BACKHAUL", f"stops[{i}]", "delivers after a collection in its trip.")
            begins = rule is BackhaulRule.LINEHAUL_REQUIRED and position == 0
            if begins and collects and not delivers:
                found.add("BACKHAUL", f"stops[{i}]", "begins its trip with a collection.")
            collected = collected or collects


def _trips(route: Route) -> Iterator[list[tuple[int, Stop]]]:
    """Yield the stops of each trip with their positions in the route."""
    trip: list[tuple[int, Stop]] = []
    for i, stop in enumerate(route.stops):
        if stop.kind is StopKind.RELOAD:
            yield trip
            trip = []
        else:
            trip.append((i, stop))
    yield trip


def _ways(chain: tuple[Event, ...], found: Violations) -> None:
    """NO_WAY: every leg exists."""
    for i, event in enumerate(chain):
        if not event.has_way:
            path = f"stops[{i - 1}]" if i < len(chain) - 1 else "stops"
            found.add("NO_WAY", path, "is driven to over a leg without a way.")


def _times(
    lookup: Lookup, kind: VehicleType, route: Route, timing: Timing, found: Violations
) -> None:
    """TIME_WINDOW, DEPOT_WINDOW, SHIFT."""
    if timing.late[0]:
        _late_start(lookup, kind, found)
    for i, stop in enumerate(route.stops):
        if timing.late[i + 1]:
            code = "DEPOT_WINDOW" if stop.kind is StopKind.RELOAD else "TIME_WINDOW"
            text = f"is reached at {timing.arrivals[i + 1]}, too late to start in a window."
            found.add(code, f"stops[{i}]", text)
    if timing.late[-1]:
        _late_end(lookup, kind, timing.arrivals[-1], found)


def _late_start(lookup: Lookup, kind: VehicleType, found: Violations) -> None:
    window, shift = lookup.depots[kind.start].window, kind.shift
    if window.overlaps(shift):
        text = f"has a release after depot '{kind.start}' closes or the shift ends."
        found.add("DEPOT_WINDOW", "stops", text)
    else:
        text = f"cannot start: depot '{kind.start}' is not open in the shift."
        found.add("SHIFT", "stops", text)


def _late_end(lookup: Lookup, kind: VehicleType, arrival: int, found: Violations) -> None:
    window = None if kind.end is None else lookup.depots[kind.end].window
    if window is not None and arrival > window.end:
        text = f"ends at {arrival}; depot '{kind.end}' closes at {window.end}."
        found.add("DEPOT_WINDOW", "stops", text)
    ends = arrival if window is None else max(arrival, window.start)
    if ends > kind.shift.end:
        found.add("SHIFT", "stops", f"ends at {ends}; the shift ends at {kind.shift.end}.")


def _limits(kind: VehicleType, size: Size, found: Violations) -> None:
    """MAX_DISTANCE, MAX_DURATION."""
    distance, duration = size
    if kind.max_distance is not None and distance > kind.max_distance:
        text = f"is {distance} long; vehicle type '{kind.id}' allows {kind.max_distance}."
        found.add("MAX_DISTANCE", "stops", text)
    if kind.max_duration is not None and duration > kind.max_duration:
        text = f"takes {duration}; vehicle type '{kind.id}' allows {kind.max_duration}."
        found.add("MAX_DURATION", "stops", text)
