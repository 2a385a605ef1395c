"""Draws what a freight scenario leaves to the seed: trucks, transfers, visits.

Each stream and each place draws from a generator of its own, seeded by the seed
and its id; so a change to one leaves the others as they were.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from router.errors import InvalidInput, Violation
from router.freight.docks.problem import (
    CrewShift,
    Direction,
    DockProblem,
    Door,
    Transfer,
    Truck,
)
from router.freight.routes.problem import Depot, Location, RoutingProblem, VehicleType, Visit
from router.geo import EARTH_RADIUS_M
from router.matrix import GreatCircle
from router.timewindow import TimeWindow

Fields = Mapping[str, Any]


def draw_docks(part: Fields, seed: int, name: str) -> DockProblem:
    """Return the day at the doors.

    Raises
    ------
    InvalidInput
        With every violation.
    """
    trucks = tuple(truck for stream in part["streams"] for truck in _trucks(stream, seed))
    return DockProblem(
        doors=tuple(_door(door, f"doors[{i}]") for i, door in enumerate(part["doors"])),
        trucks=trucks,
        transfers=tuple(_transfers(part["transfers"], trucks, seed)) if "transfers" in part else (),
        crews=tuple(
            CrewShift(
                window=_window((shift["from"], shift["until"]), f"crews[{i}].until"),
                count=shift["count"],
            )
            for i, shift in enumerate(part.get("crews", ()))
        ),
        seconds_per_100_metres=part.get("seconds_per_100_metres", 0),
        movement_cost=part.get("movement_cost", 0),
        unit=part.get("unit", "pallets"),
        name=name,
    )


def draw_deliveries(part: Fields, seed: int, name: str) -> RoutingProblem:
    """Return the delivery day: one visit a location, all from one depot.

    Raises
    ------
    InvalidInput
        With every violation.
    """
    dimensions = tuple(part.get("dimensions", ("load",)))
    depot, visits, places = part["depot"], [], [_at("depot", part["depot"])]
    for place in part["places"]:
        for visit, location in _visits(place, part["kinds"], dimensions, seed):
            visits.append(visit)
            places.append(location)
    travel = GreatCircle(
        np.array([place.x for place in places]),
        np.array([place.y for place in places]),
        metres_per_second=float(part["travel"]["metres_per_second"]),
        detour=float(part["travel"].get("detour", 1.0)),
    )
    return RoutingProblem(
        locations=tuple(places),
        depots=(
            Depot(
                id=depot["id"],
                location="depot",
                window=_optional_window(depot.get("window"), "depot.window"),
                service=depot.get("service_s", 0),
            ),
        ),
        vehicle_types=tuple(
            _vehicle(v, depot["id"], dimensions, f"vehicles[{i}]")
            for i, v in enumerate(part["vehicles"])
        ),
        travel={"default": travel},
        visits=tuple(visits),
        dimensions=dimensions,
        name=name,
    )


def _door(fields: Fields, path: str) -> Door:
    return Door(
        id=fields["id"],
        directions=frozenset(Direction(d) for d in fields.get("directions", tuple(Direction))),
        capabilities=frozenset(fields.get("capabilities", ())),
        windows=tuple(
            _window(span, f"{path}.opens[{i}]") for i, span in enumerate(fields.get("opens", ()))
        ),
        x=fields.get("x", 0),
        y=fields.get("y", 0),
        changeover=fields.get("changeover_s", 0),
    )


def _trucks(stream: Fields, seed: int) -> Iterator[Truck]:
    """Draw the trucks of a stream, in the order of their arrivals."""
    r = random.Random(f"{seed} {stream['id']}")
    first, last = (clock(text) for text in stream["arrivals"])
    arrivals = sorted(r.randint(min(first, last), max(first, last)) for _ in range(stream["count"]))
    for i, arrival in enumerate(arrivals):
        release = arrival + _between(r, stream.get("customs_s", (0, 0)))
        yield Truck(
            id=f"{stream['id']} {i + 1}",
            direction=Direction(stream["direction"]),
            arrival=TimeWindow(arrival, release + stream.get("stay_s", 86_400)),
            release=release,
            due=release + stream.get("due_after_s", 86_400),
            quantity=_between(r, stream["quantity"]),
            rate=stream["rate"],
            setup=stream.get("setup_s", 0),
            crews=stream.get("crews", 1),
            requires=frozenset(stream.get("requires", ())),
            waiting_cost=stream.get("waiting_cost", 0),
            tardiness_cost=stream.get("tardiness_cost", 0),
            penalty=stream.get("penalty"),
        )


def _transfers(fields: Fields, trucks: Sequence[Truck], seed: int) -> Iterator[Transfer]:
    """Draw for each outbound truck goods of trucks that are ready before it."""
    r = random.Random(f"{seed} transfers")
    spare = {truck.id: truck.quantity for truck in trucks}
    inbound = [truck for truck in trucks if truck.direction is Direction.INBOUND]
    for truck in (t for t in trucks if t.direction is Direction.OUTBOUND):
        earlier = [one for one in inbound if one.ready + one.handling <= truck.ready]
        wanted = min(_between(r, fields["per_outbound"]), len(earlier))
        for one in r.sample(earlier, wanted):
            units = min(_between(r, fields["quantity"]), spare[one.id], spare[truck.id])
            if units:
                spare[one.id] -= units
                spare[truck.id] -= units
                yield _transfer(fields, one, truck, units)


def _transfer(fields: Fields, one: Truck, other: Truck, units: int) -> Transfer:
    price = fields.get("penalty_per_unit")
    return Transfer(
        id=f"{one.id} to {other.id}",
        inbound=one.id,
        outbound=other.id,
        quantity=units,
        rate=fields.get("rate", 0),
        setup=fields.get("setup_s", 0),
        penalty=None if price is None else price * units,
    )


def _visits(
    place: Fields, kinds: Sequence[Fields], dimensions: Sequence[str], seed: int
) -> Iterator[tuple[Visit, Location]]:
    r = random.Random(f"{seed} {place['id']}")
    weights = [kind["weight"] for kind in kinds]
    for i in range(place["visits"]):
        (kind,) = r.choices(kinds, weights)
        name = f"{place['id']} {i + 1} ({kind['id']})"
        loads = kind.get("loads", {})
        visit = Visit(
            id=name,
            location=name,
            deliver=tuple(_between(r, loads.get(d, (0, 0))) for d in dimensions),
            windows=tuple(
                _window(span, f"kinds[{kinds.index(kind)}].windows[{k}]")
                for k, span in enumerate(kind["windows"])
            ),
            service=_between(r, kind["service_s"]),
            prize=kind.get("prize"),
            skills=frozenset(kind.get("skills", ())),
        )
        yield visit, _near(r, name, place)


def _near(r: random.Random, name: str, place: Fields) -> Location:
    """Draw a location, evenly over the disk around the place."""
    radius = place.get("spread_m", 0) * math.sqrt(r.random())
    angle = 2 * math.pi * r.random()
    degrees = math.degrees(radius / EARTH_RADIUS_M)
    lat = place["lat"] + degrees * math.sin(angle)
    lon = place["lon"] + degrees * math.cos(angle) / math.cos(math.radians(place["lat"]))
    return Location(name, x=round(lon, 6), y=round(lat, 6))


def _vehicle(fields: Fields, depot: str, dimensions: Sequence[str], path: str) -> VehicleType:
    if unknown := set(fields["capacity"]) - set(dimensions):
        text = f"names {', '.join(sorted(unknown))}, not among the dimensions."
        raise InvalidInput([Violation("DIMENSIONS", f"{path}.capacity", text)])
    return VehicleType(
        id=fields["id"],
        count=fields["count"],
        start=depot,
        end=depot,
        capacity=tuple(fields["capacity"].get(d, 0) for d in dimensions),
        shift=_optional_window(fields.get("shift"), f"{path}.shift"),
        fixed_cost=fields.get("fixed_cost", 0),
        distance_cost=fields.get("distance_cost", 0),
        duration_cost=fields.get("duration_cost", 0),
        max_distance=fields.get("max_distance_m"),
        max_duration=fields.get("max_duration_s"),
        skills=frozenset(fields.get("skills", ())),
    )


def _at(name: str, fields: Fields) -> Location:
    return Location(name, x=float(fields["lon"]), y=float(fields["lat"]))


def _between(r: random.Random, ends: Sequence[int]) -> int:
    return r.randint(min(ends), max(ends))


def _optional_window(span: Sequence[str] | None, path: str) -> TimeWindow:
    return TimeWindow() if span is None else _window(span, path)


def _window(span: Sequence[str], path: str) -> TimeWindow:
    start, end = (clock(text) for text in span)
    if start > end:
        text = f"starts at {span[0]} and ends at {span[1]}; the start must not be later."
        raise InvalidInput([Violation("WINDOW_REVERSED", path, text)])
    return TimeWindow(start, end)


def clock(text: str) -> int:
    """Return the seconds since midnight of ``HH:MM``.

    >>> clock("06:30")
    23400
    """
    hours, minutes = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60
