"""Moves that change which vehicles drive: opening a route, and handing one to another type."""

from __future__ import annotations

import numpy as np
import pytest

from router._core import RouteSearch
from router.freight.routes.compile import compile_problem
from router.freight.routes.problem import Depot, Location, RoutingProblem, VehicleType, Visit
from router.matrix import Euclidean
from router.search.parameters import Parameters
from router.timewindow import TimeWindow

FOREVER = 1e300


def on_a_line(places: list[int], depots: list[int], prize: int | None) -> RoutingProblem:
    """Visits and depots at whole places of a line; one vehicle type a depot."""
    xs = np.array([*depots, *places], dtype=float)
    names = [str(k) for k in range(len(xs))]
    return RoutingProblem(
        locations=tuple(Location(name, x, 0.0) for name, x in zip(names, xs.tolist(), strict=True)),
        depots=tuple(Depot(id=name, location=name) for name in names[: len(depots)]),
        vehicle_types=tuple(
            VehicleType(id=f"of {name}", count=2, start=name, end=name, shift=TimeWindow(0, 9999))
            for name in names[: len(depots)]
        ),
        travel={"default": Euclidean(xs, np.zeros(len(xs)))},
        visits=tuple(Visit(id=name, location=name, prize=prize) for name in names[len(depots) :]),
    )


@pytest.mark.parametrize(("open_rate", "cost"), [(0.0, 300), (1.0, 208)])
def test_prizes_that_only_together_pay_open_a_route(open_rate: float, cost: int) -> None:
    """Five prizes of 60 at 100 to 104: one costs 200, all of them 2 x 104 = 208 < 300."""
    arrays = compile_problem(on_a_line([100, 101, 102, 103, 104], [0], 60)).arrays
    engine = RouteSearch(arrays, Parameters(blink_rate=0.0, open_rate=open_rate), 1)
    engine.run(FOREVER, 50, 0.0, 1.0, 50, 1e-3, 1e-3)
    assert engine.best_cost == cost


@pytest.mark.parametrize(("fit_rate", "cost"), [(0.0, 222), (1.0, 20)])
def test_a_route_is_handed_to_the_nearer_depot(fit_rate: float, cost: int) -> None:
    """Stops at 101 to 111 cost 222 from depot 0, and 20 from the depot at 101.

    So cold, nothing but handing the whole route over leads there.
    """
    arrays = compile_problem(on_a_line(list(range(101, 112)), [0, 101], None)).arrays
    still = Parameters(blink_rate=0.0, fit_rate=fit_rate, mean_removed=0.5, longest_string=1)
    engine = RouteSearch(arrays, still, 1)
    engine.load([(0, list(range(11)))], FOREVER)
    assert engine.best_cost == 222
    engine.run(FOREVER, 20, 0.0, 1.0, 20, 1e-3, 1e-3)
    assert engine.best_cost == cost
