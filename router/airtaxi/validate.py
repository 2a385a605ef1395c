"""Every rule that an air-taxi problem has to keep, checked all at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol, TypeVar

from router.errors import Violations
from router.timewindow import FOREVER

if TYPE_CHECKING:
    from router.airtaxi.demand import TimetableFlight, Trip
    from router.airtaxi.fleet import Aircraft, AircraftType, Pilot
    from router.airtaxi.network import Corridor, LegStep, Vertiport
    from router.airtaxi.problem import AirTaxiProblem
    from router.timewindow import TimeWindow


class _Named(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Named)

MOST_WH = 2_000_000
"""Largest battery: charging is tabled by the watt-hour."""
MOST_MONEY = 2**62
"""No day may earn or cost more: all sums stay inside 64 bits."""
MOST = 10**12
"""Largest number of any kind: sums of a million of them stay inside 64 bits."""


def validate(problem: AirTaxiProblem) -> None:
    """Raise :class:`router.errors.InvalidInput` with every broken rule."""
    found = Violations()
    _sizes(problem, found)
    _each(problem.vertiports, "vertiports", found, _vertiport)
    ports = {v.id for v in problem.vertiports}
    types = {t.id for t in problem.types}
    _each(problem.types, "types", found, _type)
    _unique([c.key for c in problem.corridors], "corridors", "origin and destination", found)
    for i, corridor in enumerate(problem.corridors):
        _corridor(corridor, ports, types, found.at(f"corridors[{i}]"))
    _each(problem.aircraft, "aircraft", found, lambda a, f: _aircraft(a, problem, ports, f))
    _each(problem.trips, "trips", found, lambda t, f: _trip(t, ports, f))
    _each(problem.timetable, "timetable", found, lambda t, f: _timetable(t, ports, types, f))
    _each(problem.pilots, "pilots", found, lambda p, f: _pilot(p, ports, types, f))
    if not len(found):
        _money(problem, found)
    found.raise_if_any()


def _money(problem: AirTaxiProblem, found: Violations) -> None:
    """Refuse money that some plan could sum up beyond 64 bits."""
    seconds = problem.horizon.end - problem.horizon.start + 1
    movement = max(k.cost_per_flight + k.cost_per_flight_s for k in problem.types)
    movement += max(v.landing_fee + v.stand_cost_per_hour for v in problem.vertiports)
    watt_hours = (
        1
        + seconds
        * max((c.power_w for v in problem.vertiports for c in v.chargers), default=0)
        // 3600
    )
    price = max((s.price_per_kwh for v in problem.vertiports for s in v.tariff), default=0)
    most = len(problem.aircraft) * (seconds * movement + watt_hours * price)
    most += len(problem.aircraft) * max(k.day_cost for k in problem.types)
    most += sum(t.value + t.wait_cost_per_s * seconds for t in problem.trips)
    most += sum(f.value for f in problem.timetable)
    if most > MOST_MONEY:
        found.add(
            "OVERFLOW",
            "currency",
            f"the money of a day could reach {most}, above 2**62; give it in larger units.",
        )


def _sizes(problem: AirTaxiProblem, found: Violations) -> None:
    if not problem.vertiports:
        found.add("NO_VERTIPORTS", "vertiports", "is empty; give at least one vertiport.")
    if not problem.aircraft:
        found.add("EMPTY_FLEET", "aircraft", "is empty; give at least one aircraft.")
    if not 0 <= problem.horizon.start < problem.horizon.end <= MOST:
        found.add("HORIZON", "horizon", "must start at 0 or later and end after its start.")


def _each(
    items: Sequence[T], path: str, found: Violations, rule: Callable[[T, Violations], None]
) -> None:
    _unique([i.id for i in items], path, "id", found)
    for i, item in enumerate(items):
        below = found.at(f"{path}[{i}]")
        if not item.id:
            below.add("EMPTY_ID", "id", "is empty; give every item an id.")
        rule(item, below)


def _unique(ids: Iterable[object], path: str, what: str, found: Violations) -> None:
    seen: dict[object, int] = {}
    for i, key in enumerate(ids):
        first = seen.setdefault(key, i)
        if first != i:
            found.add(
                "DUPLICATE_ID",
                f"{path}[{i}]",
                f"has the same {what} {key!r} as {path}[{first}]; rename one.",
            )


def _range(found: Violations, path: str, value: int, least: int = 0, most: int = MOST) -> None:
    if not least <= value <= most:
        found.add("OUT_OF_RANGE", path, f"is {value}; give {least} to {most}.")


def _known(found: Violations, path: str, value: str, ids: Collection[str], kind: str) -> None:
    if value not in ids:
        found.add("UNKNOWN_ID", path, f"names {value!r}, which is no {kind} of this problem.")


def _windows(found: Violations, path: str, windows: Sequence[TimeWindow]) -> None:
    for i, (a, b) in enumerate(pairwise(windows)):
        if b.start <= a.end:
            found.add(
                "WINDOW_ORDER",
                f"{path}[{i + 1}]",
                f"starts at {b.start}, not after {a.end}; give disjoint, ascending windows.",
            )


def _steps(found: Violations, path: str, starts: Sequence[int]) -> None:
    for i, (a, b) in enumerate(pairwise(starts)):
        if b <= a:
            found.add(
                "STEP_ORDER",
                f"{path}[{i + 1}]",
                f"starts at {b}, not after {a}; give ascending steps.",
            )


def _vertiport(port: Vertiport, found: Violations) -> None:
    if not (math.isfinite(port.lat) and -90 <= port.lat <= 90):
        found.add("OUT_OF_RANGE", "lat", f"is {port.lat}; give -90 to 90 degrees.")
    if not (math.isfinite(port.lon) and -180 <= port.lon <= 180):
        found.add("OUT_OF_RANGE", "lon", f"is {port.lon}; give -180 to 180 degrees.")
    _range(found, "elevation_m", port.elevation_m, -500, 9000)
    _range(found, "pads", port.pads, 1, 1000)
    _range(found, "stands", port.stands, 0, 10_000)
    for name in ("takeoff_s", "landing_s", "taxi_s"):
        _range(found, name, getattr(port, name), 0, 86_400)
    for name in ("landing_fee", "stand_cost_per_hour"):
        _range(found, name, getattr(port, name))
    if port.power_limit_w is not None:
        _range(found, "power_limit_w", port.power_limit_w)
    _unique([g.id for g in port.chargers], "chargers", "id", found)
    for i, group in enumerate(port.chargers):
        below = found.at(f"chargers[{i}]")
        _range(below, "count", group.count, 1, 10_000)
        _range(below, "power_w", group.power_w, 1, 10**9)
        _range(below, "efficiency_permille", group.efficiency_permille, 1, 1000)
    _windows(found, "opening", port.opening)
    _steps(found, "tariff", [t.start for t in port.tariff])
    for i, step in enumerate(port.tariff):
        _range(found, f"tariff[{i}].price_per_kwh", step.price_per_kwh)


def _corridor(corridor: Corridor, ports: set[str], types: set[str], found: Violations) -> None:
    _known(found, "origin", corridor.origin, ports, "vertiport")
    _known(found, "destination", corridor.destination, ports, "vertiport")
    if corridor.origin == corridor.destination:
        found.add(
            "SAME_PLACE", "destination", f"is the origin {corridor.origin!r}; join two vertiports."
        )
    _range(found, "distance_m", corridor.distance_m)
    _range(found, "headway_s", corridor.headway_s, 0, 86_400)
    _legs(found, "legs", corridor.legs)
    for type_id, steps in corridor.type_legs.items():
        _known(found, f"type_legs[{type_id}]", type_id, types, "aircraft type")
        _legs(found, f"type_legs[{type_id}]", steps)
    if not corridor.legs and not any(corridor.type_legs.values()):
        found.add(
            "NO_LEGS",
            "legs",
            "is empty for every type; give flight time and energy, or drop the corridor.",
        )
    _windows(found, "closures", corridor.closures)


def _legs(found: Violations, path: str, steps: Sequence[LegStep]) -> None:
    _steps(found, path, [s.start for s in steps])
    for i, step in enumerate(steps):
        _range(found, f"{path}[{i}].seconds", step.seconds, 1, 86_400)
        _range(found, f"{path}[{i}].energy_wh", step.energy_wh, 0, 10**9)


def _type(kind: AircraftType, found: Violations) -> None:
    _range(found, "seats", kind.seats, 1, 1000)
    _range(found, "payload_kg", kind.payload_kg, 0, 10**6)
    _range(found, "battery_wh", kind.battery_wh, 1, MOST_WH)
    _range(found, "reserve_wh", kind.reserve_wh, 0, max(0, kind.battery_wh))
    for name in ("turnaround_s", "connect_s", "disconnect_s"):
        _range(found, name, getattr(kind, name), 0, 86_400)
    for name in ("cost_per_flight", "cost_per_flight_s", "day_cost"):
        _range(found, name, getattr(kind, name))
    _curve(kind, found.at("curve"))


def _curve(kind: AircraftType, found: Violations) -> None:
    points = kind.curve.points
    if len(points) < 2 or points[0][0] != 0 or points[-1][0] != kind.battery_wh:
        found.add(
            "CHARGE_CURVE",
            "points",
            f"must run from 0 Wh to the battery's {kind.battery_wh} Wh in at least two points.",
        )
    _steps(found, "points", [soc for soc, _ in points])
    for i, (_, power) in enumerate(points):
        _range(found, f"points[{i}].power_w", power, 0, 10**9)
        if i and power > points[i - 1][1]:
            found.add(
                "CHARGE_CURVE",
                f"points[{i}]",
                f"rises to {power} W; accepted power may only fall as the battery fills.",
            )


def _aircraft(tail: Aircraft, problem: AirTaxiProblem, ports: set[str], found: Violations) -> None:
    kind = next((t for t in problem.types if t.id == tail.type), None)
    if kind is None:
        _known(found, "type", tail.type, (), "aircraft type")
    else:
        _range(found, "soc_wh", tail.soc_wh, 0, kind.battery_wh)
        _range(found, "final_soc_wh", tail.final_soc_wh, 0, kind.battery_wh)
    _known(found, "start", tail.start, ports, "vertiport")
    if tail.end is not None:
        _known(found, "end", tail.end, ports, "vertiport")
    if not problem.horizon.start <= tail.available_from <= problem.horizon.end:
        found.add(
            "OUT_OF_RANGE",
            "available_from",
            f"is {tail.available_from}; give a moment of the horizon.",
        )
    if tail.available_until < tail.available_from:
        found.add(
            "WINDOW_REVERSED",
            "available_until",
            f"is {tail.available_until}, before available_from.",
        )
    _windows(found, "downtimes", [d.window for d in tail.downtimes])
    for i, down in enumerate(tail.downtimes):
        if down.vertiport is not None:
            _known(found, f"downtimes[{i}].vertiport", down.vertiport, ports, "vertiport")


def _trip(trip: Trip, ports: set[str], found: Violations) -> None:
    _ends(trip, ports, found)
    _range(found, "departure.start", trip.departure.start, 0, FOREVER)
    _range(found, "departure.end", trip.departure.end, 0, FOREVER)
    _range(found, "party", trip.party, 1, 1000)
    _range(found, "weight_kg", trip.weight_kg, 0, 10**6)
    _range(found, "max_stops", trip.max_stops, 0, 100)
    _range(found, "value", trip.value)
    _range(found, "wait_cost_per_s", trip.wait_cost_per_s)
    if trip.max_ride_s is not None:
        _range(found, "max_ride_s", trip.max_ride_s, 1)
    if trip.arrive_by is not None and trip.arrive_by <= trip.departure.start:
        found.add(
            "WINDOW_REVERSED",
            "arrive_by",
            f"is {trip.arrive_by}, not after the earliest departure.",
        )


def _ends(trip: Trip | TimetableFlight, ports: set[str], found: Violations) -> None:
    _known(found, "origin", trip.origin, ports, "vertiport")
    _known(found, "destination", trip.destination, ports, "vertiport")
    if trip.origin == trip.destination:
        found.add(
            "SAME_PLACE", "destination", f"is the origin {trip.origin!r}; give another vertiport."
        )


def _timetable(
    flight: TimetableFlight, ports: set[str], types: set[str], found: Violations
) -> None:
    _ends(flight, ports, found)
    _range(found, "value", flight.value)
    for type_id in sorted(flight.types):
        _known(found, "types", type_id, types, "aircraft type")


def _pilot(pilot: Pilot, ports: set[str], types: set[str], found: Violations) -> None:
    _known(found, "base", pilot.base, ports, "vertiport")
    for type_id in sorted(pilot.types):
        _known(found, "types", type_id, types, "aircraft type")
    for name in ("max_duty_s", "max_flight_s", "max_work_s"):
        _range(found, name, getattr(pilot, name), 1, 2**40)
    _range(found, "break_s", pilot.break_s)
