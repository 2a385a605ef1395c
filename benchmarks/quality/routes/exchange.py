"""A problem read from a file, as plain data that a peer needs no library to read."""

from __future__ import annotations

from router.formats.instance import Instance
from router.freight.routes.problem import RoutingProblem, ShipmentStop, Visit
from router.matrix import Euclidean
from router.timewindow import FOREVER, TimeWindow

Plain = dict[str, object]


def as_data(instance: Instance) -> Plain:
    """Return locations, vehicles in the file's order, and work, by location index."""
    problem = instance.problem
    travel = problem.travel["default"]
    if not isinstance(travel, Euclidean):
        raise TypeError("peers are given Euclidean travel only.")
    return {
        "xs": travel.xs.tolist(),
        "ys": travel.ys.tolist(),
        "scale": travel.scale,
        "floor": travel.mode.value == "floor",
        "vehicles": _vehicles(instance),
        "stops": _stops(problem),
        "pairs": [
            [int(s.pickup.location), int(s.delivery.location), s.load[0] if s.load else 0]
            for s in problem.shipments
        ],
        "forever": FOREVER,
    }


def _vehicles(instance: Instance) -> list[Plain]:
    """Return each vehicle of the file; of an unlimited fleet, as many as are plenty."""
    kinds = {kind.id: kind for kind in instance.problem.vehicle_types}
    order = [kind for kind, _ in instance.fleet.vehicles] or ["1"] * _plenty(instance.problem)
    return [
        {
            "start": int(kinds[name].start),
            "end": int(kinds[name].end or 0),
            "capacity": kinds[name].capacity[0] if kinds[name].capacity else FOREVER,
            "fixed": kinds[name].fixed_cost,
            "unit": kinds[name].distance_cost,
            "shift": [kinds[name].shift.start, kinds[name].shift.end],
            "max_duration": kinds[name].max_duration,
        }
        for name in order
    ]


def _plenty(problem: RoutingProblem) -> int:
    """Return a fifth more vehicles than the loads need, and ten."""
    total = sum(visit.deliver[0] for visit in problem.visits if visit.deliver)
    capacity = problem.vehicle_types[0].capacity
    needed = -(-total // max(capacity[0], 1)) if capacity else len(problem.visits)
    return min(len(problem.visits), round(1.2 * needed) + 10)


def _stops(problem: RoutingProblem) -> list[Plain]:
    found = [_stop(visit, visit.deliver, visit.prize) for visit in problem.visits]
    for shipment in problem.shipments:
        found += [_stop(stop, (), shipment.prize) for stop in (shipment.pickup, shipment.delivery)]
    return found


def _stop(stop: Visit | ShipmentStop, deliver: tuple[int, ...], prize: int | None) -> Plain:
    return {
        "location": int(stop.location),
        "deliver": deliver[0] if deliver else 0,
        "window": _window(stop.windows),
        "service": stop.service,
        "prize": prize,
    }


def _window(windows: tuple[TimeWindow, ...]) -> list[int]:
    return [windows[0].start, windows[0].end] if windows else [0, FOREVER]
