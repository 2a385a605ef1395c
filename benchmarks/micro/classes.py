"""One random problem a class, of any size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from router.freight.routes.problem import (
    BackhaulRule,
    Depot,
    Location,
    RoutingProblem,
    Shipment,
    ShipmentStop,
    VehicleType,
    Visit,
)
from router.matrix import Euclidean
from router.timewindow import TimeWindow

SIDE = 1000
DAY = 10_000
SERVICE = 50


def made(name: str, stops: int, seed: int) -> RoutingProblem:
    """Return the problem of the class."""
    return CLASSES[name](stops, np.random.default_rng(seed))


def _base(stops: int, rng: np.random.Generator, *, timed: bool = True) -> RoutingProblem:
    """Visits with loads 1 to 20 and, where timed, windows of a tenth of the day."""
    points = rng.integers(0, SIDE, (stops + 1, 2)).astype(float)
    opens = rng.integers(1500, DAY - 4000, stops + 1)
    loads = rng.integers(1, 21, stops + 1)
    return RoutingProblem(
        locations=tuple(Location(str(i), x, y) for i, (x, y) in enumerate(points.tolist())),
        depots=(Depot(id="0", location="0"),),
        vehicle_types=(
            VehicleType(
                id="van",
                count=None,
                start="0",
                end="0",
                capacity=(200,),
                shift=TimeWindow(0, DAY) if timed else TimeWindow(),
            ),
        ),
        travel={"default": Euclidean(points[:, 0].copy(), points[:, 1].copy())},
        visits=tuple(
            Visit(
                id=str(i),
                location=str(i),
                deliver=(int(loads[i]),),
                windows=(TimeWindow(int(opens[i]), int(opens[i]) + DAY // 10),) if timed else (),
                service=SERVICE if timed else 0,
            )
            for i in range(1, stops + 1)
        ),
    )


def _cvrp(stops: int, rng: np.random.Generator) -> RoutingProblem:
    return _base(stops, rng, timed=False)


def _pcvrptw(stops: int, rng: np.random.Generator) -> RoutingProblem:
    problem = _base(stops, rng)
    prizes = rng.integers(20, 200, stops)
    visits = (replace(v, prize=int(prize)) for v, prize in zip(problem.visits, prizes, strict=True))
    return replace(problem, visits=tuple(visits))


def _mdvrptw(stops: int, rng: np.random.Generator) -> RoutingProblem:
    problem = _base(stops, rng)
    van = replace(problem.vehicle_types[0], max_duration=DAY // 2)
    names = [problem.locations[k].id for k in (0, 1, 2, 3)]
    return replace(
        problem,
        depots=tuple(Depot(id=name, location=name) for name in names),
        vehicle_types=tuple(replace(van, id=name, start=name, end=name) for name in names),
    )


def _vrpb(stops: int, rng: np.random.Generator) -> RoutingProblem:
    problem = _base(stops, rng, timed=False)
    back = rng.random(stops) < 0.35
    visits = (
        replace(visit, deliver=(), collect=visit.deliver) if collects else visit
        for visit, collects in zip(problem.visits, back, strict=True)
    )
    rule = BackhaulRule.LINEHAUL_REQUIRED
    return replace(problem, visits=tuple(visits), backhaul=rule)


def _hfvrp(stops: int, rng: np.random.Generator) -> RoutingProblem:
    problem = _base(stops, rng, timed=False)
    van = problem.vehicle_types[0]
    kinds = (
        replace(van, id=str(k), capacity=(100 * k,), fixed_cost=300 * k, distance_cost=2 + k)
        for k in (1, 2, 3, 4)
    )
    return replace(problem, vehicle_types=tuple(kinds))


def _mtvrptwr(stops: int, rng: np.random.Generator) -> RoutingProblem:
    problem = _base(stops, rng)
    van = replace(problem.vehicle_types[0], capacity=(80,), reload_depots=("0",))
    releases = rng.integers(0, 1500, stops)
    visits = (replace(v, release=int(r)) for v, r in zip(problem.visits, releases, strict=True))
    return replace(problem, vehicle_types=(van,), visits=tuple(visits))


def _pdptw(stops: int, rng: np.random.Generator) -> RoutingProblem:
    problem = _base(stops - stops % 2, rng)
    pairs = zip(problem.visits[::2], problem.visits[1::2], strict=True)
    shipments = []
    for one, other in pairs:
        early, late = sorted((one, other), key=lambda visit: visit.windows[0])
        steps = [
            ShipmentStop(location=v.location, windows=v.windows, service=v.service)
            for v in (early, late)
        ]
        shipments.append(Shipment(id=one.id, pickup=steps[0], delivery=steps[1], load=one.deliver))
    loose = [replace(s, delivery=replace(s.delivery, windows=())) for s in shipments]
    return replace(problem, visits=(), shipments=tuple(loose))


CLASSES: dict[str, Callable[[int, np.random.Generator], RoutingProblem]] = {
    "CVRP": _cvrp,
    "VRPTW": _base,
    "PCVRPTW": _pcvrptw,
    "MDVRPTW": _mdvrptw,
    "VRPB": _vrpb,
    "HFVRP": _hfvrp,
    "MTVRPTWR": _mtvrptwr,
    "PDPTW": _pdptw,
}
