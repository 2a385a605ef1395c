"""A routing problem that is encoded and decoded is the same problem."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from router.errors import Violations
from router.freight.routes.problem import (
    BackhaulRule,
    Group,
    RoutingProblem,
    Shipment,
    ShipmentStop,
    Visit,
)
from router.matrix import Matrix
from router.timewindow import TimeWindow
from server.codecs.clock import Clock
from server.codecs.routing import decode_problem
from server.codecs.routing_problem import encode_problem
from tests.plots import tiny

NOON = Clock(1_764_000_000)


def back(problem: RoutingProblem) -> RoutingProblem:
    """Return what the server makes of the message; fails on any violation."""
    found = Violations()
    decoded, clock = decode_problem(encode_problem(problem, NOON), found)
    assert [str(v) for v in found] == []
    assert clock == NOON
    assert decoded is not None
    return decoded


def test_great_circles_and_prizes_survive() -> None:
    """The tiny delivery day comes back equal, its speed and detour too."""
    problem = tiny.route_day()[0]
    decoded = back(problem)
    travel = decoded.travel["default"]
    assert travel.distance(0, 1) == problem.travel["default"].distance(0, 1)
    assert travel.duration(0, 4) == problem.travel["default"].duration(0, 4)
    assert replace(decoded, travel=problem.travel) == problem


def test_every_other_field_survives() -> None:
    """Windows, releases, shipments, groups, limits, skills, reloads and a matrix."""
    base = tiny.route_day()[0]
    kind = replace(
        base.vehicle_types[0],
        count=None,
        end=None,
        shift=TimeWindow(3600, 72_000),
        fixed_cost=100,
        duration_cost=2,
        max_distance=10**6,
        max_duration=36_000,
        max_stops=9,
        reload_depots=("hub",),
        max_reloads=2,
        skills=frozenset({"cold"}),
    )
    stop = ShipmentStop(location="Esik", windows=(TimeWindow(0, 50_000),), service=60)
    shipment = Shipment(id="s", pickup=stop, delivery=replace(stop, location="Talgar"), load=(5,))
    options = tuple(
        Visit(
            id=f"option-{i}",
            location="Esik",
            collect=(7,),
            release=1800,
            windows=(TimeWindow(0, 9), TimeWindow(20, 60_000)),
        )
        for i in range(2)
    )
    five = np.arange(25, dtype=np.int64).reshape(5, 5)
    problem = replace(
        base,
        vehicle_types=(kind,),
        visits=(*base.visits, *options),
        shipments=(shipment,),
        groups=(Group(id="g", visits=("option-0", "option-1"), required=False, prize=3),),
        backhaul=BackhaulRule.LINEHAUL_FIRST,
        travel={"default": Matrix(five, five + 1)},
        locations=tuple(replace(place, x=0.0, y=0.0) for place in base.locations),
    )
    decoded = back(problem)
    travel = decoded.travel["default"]
    assert isinstance(travel, Matrix)
    assert (travel.distances == five).all()
    assert (travel.durations == five + 1).all()
    assert replace(decoded, travel=problem.travel) == problem
