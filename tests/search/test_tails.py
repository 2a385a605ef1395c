"""Exchanging the tails of two routes, on lines where nothing else leads to the better plan.

Depot 0 lies in the middle. Crossed routes drive 0, 10, 20, -30, -40, 0 and its mirror
image, 20 + 50 + 10 + 40 = 120 each; when they have exchanged their tails each serves
one side and drives 2 x 40 = 80. So cold, nothing that costs more is ever kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from router._core import RouteSearch
from router.freight.routes.check import served_ids
from router.freight.routes.compile import Compiled, compile_problem
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
from router.search.parameters import Parameters
from router.search.problem import ArrayRoute, Kind
from router.timewindow import TimeWindow
from tests.freight.routes.plans import codes

FOREVER = 1e300
CROSSED = [10, 20, -30, -40, -10, -20, 30, 40]
ROUTES = [(0, [0, 1, 2, 3]), (0, [4, 5, 6, 7])]
LOADS = [{"deliver": (1,)}] * 8
HERE = TimeWindow(0, 20)

Routes = list[tuple[int, list[int]]]


def on_a_line(
    places: list[int],
    visits: list[dict[str, Any]],
    *,
    dimensions: int = 1,
    backhaul: BackhaulRule = BackhaulRule.MIXED,
    **vehicle: Any,
) -> Compiled:
    """Visits at the places; two vehicles of one type at 0."""
    names = tuple(f"v{k}" for k in range(len(places)))
    return line(
        places,
        vehicle,
        visits=tuple(
            Visit(id=name, location=name, **visit)
            for name, visit in zip(names, visits, strict=True)
        ),
        dimensions=tuple(f"d{k}" for k in range(dimensions)),
        backhaul=backhaul,
    )


def line(places: list[int], vehicle: dict[str, Any], **rest: Any) -> Compiled:
    """Return a problem on the line through the depot."""
    xs = np.array([0, *places], dtype=float)
    names = ["depot", *(f"v{k}" for k in range(len(places)))]
    fleet = VehicleType(**({"id": "van", "count": 2, "start": "0", "end": "0"} | vehicle))
    problem = RoutingProblem(
        locations=tuple(Location(name, x, 0.0) for name, x in zip(names, xs.tolist(), strict=True)),
        depots=(Depot(id="0", location="depot"),),
        vehicle_types=(fleet,),
        travel={"default": Euclidean(xs, np.zeros(len(xs)))},
        **rest,
    )
    return compile_problem(problem, neighbours=99)


def shipped(places: list[int], pairs: list[tuple[int, int]], **vehicle: Any) -> Compiled:
    """Shipment k goes between the k-th pair of places, by index; stops are 2k and 2k + 1."""
    return line(places, vehicle, shipments=shipments_between(pairs))


def shipments_between(pairs: Iterable[tuple[int, int]]) -> tuple[Shipment, ...]:
    """Shipments of 1 between pairs of places, by index."""
    return tuple(
        Shipment(
            id=f"s{k}",
            pickup=ShipmentStop(location=f"v{a}"),
            delivery=ShipmentStop(location=f"v{b}"),
            load=(1,),
        )
        for k, (a, b) in enumerate(pairs)
    )


def reached(compiled: Compiled, routes: Routes, *, tail_rate: float = 1.0) -> int:
    """Return the best cost found from the routes; every plan passes the checker."""
    still = Parameters(
        blink_rate=0.0, tail_rate=tail_rate, mean_removed=0.5, longest_string=1, fit_rate=0.0
    )
    engine = RouteSearch(compiled.arrays, still, 1)
    engine.load(routes, FOREVER)
    assert engine.best_missing == 0
    engine.run(FOREVER, 400, 0.0, 1.0, 400, 1e-3, 1e-3)
    found = compiled.routes([ArrayRoute(slot, kind, tuple(v)) for slot, kind, v in engine.best()])
    assert codes(compiled.problem, *found) == []
    assert len(served_ids(found)) == len(compiled.problem.visits) + len(compiled.problem.shipments)
    return engine.best_cost


def only_by_tails(compiled: Compiled, kind: Kind, routes: Routes, before: int, after: int) -> None:
    """Check that ruin and recreate is stuck before, and that exchanging tails leads after."""
    assert compiled.arrays.kind is kind
    assert reached(compiled, routes, tail_rate=0.0) == before
    assert reached(compiled, routes) == after


def test_full_vehicles() -> None:
    """Each vehicle holds 4 and has 4: no single stop can move."""
    only_by_tails(on_a_line(CROSSED, LOADS, capacity=(4,)), Kind.PLAIN, ROUTES, 240, 160)


def test_windows() -> None:
    """Stops at 10 and 20 close at 20, too early for the other route; -30 there adds 20."""
    visits = [{"windows": (HERE,)} if abs(x) <= 20 else {} for x in CROSSED]
    only_by_tails(on_a_line(CROSSED, visits), Kind.TIMED, ROUTES, 240, 160)


@pytest.mark.parametrize(("close", "cost"), [(129, 240), (130, 160)])
def test_never_too_late(close: int, cost: int) -> None:
    """With 100 of service at 20, the vehicle there would be at 30 at 130."""
    visits: list[dict[str, Any]] = [{"windows": (HERE,)} if abs(x) <= 20 else {} for x in CROSSED]
    visits[1]["service"] = 100
    visits[6]["windows"] = (TimeWindow(0, close),)
    assert reached(on_a_line(CROSSED, visits), ROUTES) == cost


def test_price_of_duration() -> None:
    """A way 20 longer waits less.

    One vehicle serves 10 at 100, 110, 900 and 910, the other -10 at 150 and 160: they
    take 810 + 20 and 10 + 20 and drive 20 each, 900 in all. If the first goes on to -10
    at 150 and 160 it takes 60 + 20 and drives 40, the other takes 10 + 20 and drives 20: 170.
    """
    moments = [100, 110, 900, 910, 150, 160]
    visits = [{"windows": (TimeWindow(moment, moment),)} for moment in moments]
    compiled = on_a_line([10] * 4 + [-10] * 2, visits, duration_cost=1, max_stops=4)
    only_by_tails(compiled, Kind.SPANNED, [(0, [0, 1, 2, 3]), (0, [4, 5])], 900, 170)


@pytest.mark.parametrize(("longest", "cost"), [(279, 240), (280, 160)])
def test_limit_of_duration(longest: int, cost: int) -> None:
    """50 of service at 10, 20, 30 and 40: 220 in each crossed route, 280 in one alone."""
    visits = [{"deliver": (1,), "service": 50 if x > 0 else 0} for x in CROSSED]
    compiled = on_a_line(CROSSED, visits, capacity=(4,), max_duration=longest)
    assert compiled.arrays.kind is Kind.SPANNED
    assert reached(compiled, ROUTES) == cost


def test_shipments() -> None:
    """Two shipments each, each within one side; with four stops at most none can move alone."""
    pairs = [(0, 1), (2, 3), (4, 5), (6, 7)]
    only_by_tails(shipped(CROSSED, pairs, max_stops=4), Kind.PAIRED, ROUTES, 240, 160)


def test_no_cut_across_a_shipment() -> None:
    """Each shipment goes from one side to the other: uncrossing would tear all apart."""
    pairs = [(0, 3), (1, 2), (4, 7), (5, 6)]  # stops 0 1, 2 3, …: pickup, delivery
    routes = [(0, [0, 2, 3, 1]), (0, [4, 6, 7, 5])]
    assert reached(shipped(CROSSED, pairs, max_stops=4), routes) == 240


@pytest.mark.parametrize(("most", "cost"), [(249, 410), (250, 330)])
def test_limit_of_distance(most: int, cost: int) -> None:
    """0, 70, 20, -30, -40, 0 is 220 and 0, -10, -20, 30, 75, 0 is 190.

    Uncrossed the first would be 0, 70, 20, 30, 75, 0: 250, and the other 80.
    """
    places = [70, 20, -30, -40, -10, -20, 30, 75]
    compiled = on_a_line(places, LOADS, capacity=(4,), max_distance=most)
    assert reached(compiled, ROUTES) == cost


@pytest.mark.parametrize(("most", "cost"), [(5, 260), (6, 170)])
def test_limit_of_stops(most: int, cost: int) -> None:
    """Uncrossed, one side has 10, 20, 25, 30, 40 and 45, 90 there and back, the other 80."""
    places = [10, 20, 25, -30, -40, -10, -20, 30, 40, 45]
    visits = [{"windows": (HERE,)} if abs(x) <= 20 else {} for x in places]
    routes = [(0, [0, 1, 2, 3, 4]), (0, [5, 6, 7, 8, 9])]
    assert reached(on_a_line(places, visits, max_stops=most), routes) == cost


def test_an_emptied_route_saves_its_fixed_cost() -> None:
    """Open routes 0, 10, 20 and 0, -10, -20 cost 20 + 100 each.

    As one, 0, 10, 20, -10, -20 drives 20 + 30 + 10 and costs 160, though the way from
    20 to -10 is longer than that from the depot.
    """
    compiled = on_a_line([10, 20, -10, -20], [{}] * 4, fixed_cost=100, end=None)
    only_by_tails(compiled, Kind.PLAIN, [(0, [0, 1]), (0, [2, 3])], 240, 160)


@pytest.mark.parametrize("timed", [False, True])
def test_backhauls(timed: bool) -> None:
    """Two deliveries, then two collections in each route, full of both."""
    visits: list[dict[str, Any]] = [
        {"deliver": (1,)} if abs(x) <= 20 else {"collect": (1,)} for x in CROSSED
    ]
    if timed:
        visits = [visit | {"windows": (TimeWindow(0, 999),)} for visit in visits]
    compiled = on_a_line(CROSSED, visits, capacity=(2,), backhaul=BackhaulRule.LINEHAUL_FIRST)
    only_by_tails(compiled, Kind.TIMED if timed else Kind.PLAIN, ROUTES, 240, 160)


def test_no_delivery_after_a_collection() -> None:
    """20 is collected from, 30 delivered to: uncrossed, the one would follow the other."""
    natures = "dcccdddc"
    visits = [{"deliver": (1,)} if c == "d" else {"collect": (1,)} for c in natures]
    rule = BackhaulRule.LINEHAUL_FIRST
    compiled = on_a_line(CROSSED, visits, capacity=(4,), max_stops=4, backhaul=rule)
    assert reached(compiled, ROUTES) == 240


@pytest.mark.parametrize(("room", "cost"), [(19, 240), (20, 160)])
@pytest.mark.parametrize("side", [1, -1])
def test_every_dimension_has_room(side: int, room: int, cost: int) -> None:
    """All of the second goods, 5 a stop, lie on one side."""
    visits = [{"deliver": (1, 5 if x * side > 0 else 0)} for x in CROSSED]
    compiled = on_a_line(CROSSED, visits, dimensions=2, capacity=(4, room))
    assert reached(compiled, ROUTES) == cost


def test_more_dimensions_than_nodes() -> None:
    """200 dimensions and no more than twelve nodes."""
    visits = [{"deliver": (1,) * 200}] * 8
    compiled = on_a_line(CROSSED, visits, dimensions=200, capacity=(4,) * 200)
    assert reached(compiled, ROUTES) == 160
