"""Reads and writes solution files in the form of CVRPLIB.

A line ``Route #k: 4 7 0 9`` lists locations by position from 0; a depot inside
is a reload. Where the file's vehicles differ, k is the vehicle that drives;
else routes are numbered as they come. SINTEF's ``Route 1 : 4 7 9`` reads alike.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from router.formats.faults import Faults
from router.formats.files import read_text, write_text
from router.formats.fleet import Vehicle
from router.formats.instance import Instance
from router.formats.rows import lines_of
from router.freight.routes.plan import Route, Stop, StopKind
from router.freight.routes.problem import RoutingProblem

_ROUTE = re.compile(r"route\s*#?\s*(\d+)\s*:(.*)", re.IGNORECASE)
_COST = re.compile(r"cost\s*:?\s+(\S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Solution:
    """The routes of a solution file, and the cost that it claims, as printed."""

    routes: tuple[Route, ...]
    claimed: float | None


def read_solution(path: str | Path, instance: Instance) -> Solution:
    """Read the routes of a solution of ``instance``; empty routes are left out.

    Raises
    ------
    InvalidInput
        With every fault of the file, each at ``file:line``.
    """
    faults = Faults(str(path))
    reader = _Reader(instance, faults)
    claimed = None
    for line, text in lines_of(read_text(path)):
        if match := _ROUTE.fullmatch(text):
            reader.route(line, int(match[1]), match[2])
        elif text.lower().startswith("route"):
            message = "is no route; write 'Route #1: 3 5 2', locations counted from 0."
            faults.add("NOT_UNDERSTOOD", line, message)
        elif match := _COST.fullmatch(text):
            claimed = _cost(match[1], line, faults)
        elif not re.match(r"[A-Za-z]", text):
            faults.add("NOT_UNDERSTOOD", line, "is neither a route nor 'key: value'.")
    if not reader.seen and not len(faults):
        faults.add("NO_ROUTES", 0, "has no line 'Route #1: …'; check that it is a solution.")
    faults.raise_if_any()
    return Solution(tuple(reader.routes), claimed)


def _cost(word: str, line: int, faults: Faults) -> float | None:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if math.isfinite(value):
        return value
    faults.add("NOT_A_NUMBER", line, f"claims the cost {word[:40]!r}; give a number.")
    return None


class _Reader:
    """Turns numbered lists of locations into routes."""

    def __init__(self, instance: Instance, faults: Faults) -> None:
        self._fleet = instance.fleet
        self._stops = stops_by_location(instance.problem)
        self._faults = faults
        self.routes: list[Route] = []
        self.seen: set[int] = set()

    def route(self, line: int, number: int, text: str) -> None:
        """Add the route of one line, noting what is wrong with it."""
        if number in self.seen:
            self._faults.add("DUPLICATE_ID", line, f"Route #{number} is given twice.")
        self.seen.add(number)
        stops = tuple(self._stop(word, line) for word in text.split())
        if not stops:
            return
        vehicle = self._vehicle(number, line)
        known = tuple(stop for stop in stops if stop is not None)
        if vehicle is not None and len(known) == len(stops):
            self.routes.append(Route(vehicle_type=vehicle[0], vehicle=vehicle[1], stops=known))

    def _vehicle(self, number: int, line: int) -> Vehicle | None:
        place = number if self._fleet.differs else len(self.routes) + 1
        vehicle = self._fleet.driver(place)
        if vehicle is None:
            most = len(self._fleet.vehicles)
            message = f"Route #{number} has no vehicle; the instance has {most}."
            self._faults.add("FLEET", line, message)
        return vehicle

    def _stop(self, word: str, line: int) -> Stop | None:
        stop = self._stops.get(int(word)) if word.isdecimal() else None
        if stop is None:
            most = len(self._stops) - 1
            message = f"{word[:40]!r} is no location of the instance; they are 0 to {most}."
            self._faults.add("UNKNOWN_STOP", line, message)
        return stop


def stops_by_location(problem: RoutingProblem) -> dict[int, Stop]:
    """Return what happens at each location of a problem read from a file."""
    stops = {int(depot.location): Stop(StopKind.RELOAD, depot.id) for depot in problem.depots}
    for visit in problem.visits:
        stops[int(visit.location)] = Stop(StopKind.VISIT, visit.id)
    for shipment in problem.shipments:
        stops[int(shipment.pickup.location)] = Stop(StopKind.PICKUP, shipment.id)
        stops[int(shipment.delivery.location)] = Stop(StopKind.DELIVERY, shipment.id)
    return stops


def location_lists(instance: Instance, routes: Iterable[Route]) -> list[list[int]]:
    """Return routes as lists of locations, in the numbering of a solution file.

    Where vehicles differ, entry k - 1 is the route of the file's vehicle k, and
    an empty list where it stays; else the routes that have stops.
    """
    places = {stop: location for location, stop in stops_by_location(instance.problem).items()}
    driven = {
        (route.vehicle_type, route.vehicle): [places[stop] for stop in route.stops]
        for route in routes
        if route.stops
    }
    if not instance.fleet.differs:
        return list(driven.values())
    return [driven.get(vehicle, []) for vehicle in instance.fleet.vehicles]


def write_solution(
    path: str | Path, instance: Instance, routes: Iterable[Route], cost: int
) -> None:
    """Write routes and their cost, whole or not at all."""
    write_text(path, "".join(_lines(location_lists(instance, routes), {"Cost": cost})))


def _lines(routes: Iterable[Iterable[int]], facts: Mapping[str, int]) -> Iterator[str]:
    for number, route in enumerate(routes, 1):
        yield " ".join([f"Route #{number}:", *map(str, route)]) + "\n"
    for key, value in facts.items():
        yield f"{key} {value}\n"
