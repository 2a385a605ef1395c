"""Exchanging the tails of routes whose vehicles differ, on a line with depots at both ends.

Vehicle a stands at 0 and b at 100. Each is full, so that no single stop can move.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from router._core import RouteSearch
from router.freight.routes.compile import Compiled, compile_problem
from router.freight.routes.problem import (
    Depot,
    Location,
    RoutingProblem,
    VehicleType,
    Visit,
)
from router.matrix import Euclidean
from router.search.parameters import Parameters
from router.search.problem import Feature, Kind
from tests.search.test_tails import FOREVER, Routes, reached, shipments_between


def between_depots(
    places: list[int],
    visits: list[dict[str, Any]],
    *,
    pairs: tuple[tuple[int, int], ...] = (),
    a: dict[str, Any] | None = None,
    b: dict[str, Any] | None = None,
    **both: Any,
) -> Compiled:
    """Visits (or shipments between pairs of places) between depots at 0 and at 100."""
    xs = np.array([0, 100, *places], dtype=float)
    names = ["at0", "at100", *(f"v{k}" for k in range(len(places)))]
    fleet = tuple(
        VehicleType(**({"id": id, "count": 1, "start": id, "end": id} | both | (own or {})))
        for id, own in (("a", a), ("b", b))
    )
    problem = RoutingProblem(
        locations=tuple(Location(name, x, 0.0) for name, x in zip(names, xs.tolist(), strict=True)),
        depots=(Depot(id="a", location="at0"), Depot(id="b", location="at100")),
        vehicle_types=fleet,
        travel={"default": Euclidean(xs, np.zeros(len(xs)))},
        visits=tuple(
            Visit(id=f"v{k}", location=f"v{k}", **visit) for k, visit in enumerate(visits)
        ),
        shipments=shipments_between(pairs),
        dimensions=("d0",),
    )
    return compile_problem(problem, neighbours=99)


def only_by_tails(compiled: Compiled, routes: Routes, before: int, after: int) -> None:
    """Check that ruin and recreate is stuck before, and that exchanging tails leads after."""
    assert reached(compiled, routes, tail_rate=0.0) == before
    assert reached(compiled, routes) == after


HEADS = [10, 20, 70, 60, 90, 80, 30, 40]
HEAD_ROUTES: Routes = [(0, [0, 1, 2, 3]), (1, [4, 5, 6, 7])]


def test_each_vehicle_keeps_its_head() -> None:
    """0, 10, 20, 70, 60, 0 and its mirror image drive 140 each; 0, 10, 20, 30, 40, 0 drives 80."""
    compiled = between_depots(HEADS, [{"deliver": (1,)}] * 8, capacity=(4,))
    assert compiled.arrays.kind is Kind.PLAIN
    only_by_tails(compiled, HEAD_ROUTES, 280, 160)


def test_each_vehicle_keeps_its_tail() -> None:
    """0, 60, 70, 20, 10, 0 and its mirror image drive 140; 100, 60, 70, 80, 90, 100 drives 80."""
    places = [60, 70, 20, 10, 40, 30, 80, 90]
    compiled = between_depots(places, [{"deliver": (1,)}] * 8, capacity=(4,))
    only_by_tails(compiled, HEAD_ROUTES, 280, 160)


@pytest.mark.parametrize(("longest", "cost"), [(279, 280), (280, 160)])
def test_limit_of_duration(longest: int, cost: int) -> None:
    """With 200 of service at 40, vehicle a would take 80 + 200; b may take any time."""
    visits = [{"deliver": (1,), "service": 200 if x == 40 else 0} for x in HEADS]
    own = {"max_duration": longest}
    compiled = between_depots(HEADS, visits, a=own, capacity=(4,), max_stops=4)
    assert compiled.arrays.kind is Kind.SPANNED
    assert reached(compiled, HEAD_ROUTES) == cost


@pytest.mark.parametrize(("room", "cost"), [(4, 280), (5, 160)])
def test_room_of_each_vehicle(room: int, cost: int) -> None:
    """Goods of 2 at 40: with 30, 40 behind 10 and 20 vehicle a carries 5, b as before 4."""
    visits = [{"deliver": (2 if x == 40 else 1,)} for x in HEADS]
    rooms = {"a": {"capacity": (room,)}, "b": {"capacity": (5,)}}
    assert reached(between_depots(HEADS, visits, max_stops=4, **rooms), HEAD_ROUTES) == cost


def test_shipments() -> None:
    """Two shipments each, four stops at most: the second of each changes vehicles."""
    pairs = ((0, 1), (2, 3), (4, 5), (6, 7))
    compiled = between_depots(HEADS, [], pairs=pairs, max_stops=4)
    assert compiled.arrays.kind is Kind.PAIRED
    only_by_tails(compiled, HEAD_ROUTES, 280, 160)


def test_no_cut_across_a_shipment() -> None:
    """Each shipment goes from a head to a tail: to exchange those would tear all apart."""
    pairs = ((0, 3), (1, 2), (4, 7), (5, 6))
    compiled = between_depots(HEADS, [], pairs=pairs, max_stops=4)
    assert reached(compiled, [(0, [0, 2, 3, 1]), (1, [4, 6, 7, 5])]) == 280


@pytest.mark.parametrize(("dear", "cost"), [(2, 80 + 2 * 80), (3, 80 + 3 * 80)])
def test_unlike_costs_of_distance(dear: int, cost: int) -> None:
    """As above, where vehicle b costs more a distance."""
    visits = [{"deliver": (1,)}] * 8
    compiled = between_depots(HEADS, visits, capacity=(4,), b={"distance_cost": dear})
    only_by_tails(compiled, HEAD_ROUTES, 140 + dear * 140, cost)


def test_the_dear_vehicle_takes_the_short_way() -> None:
    """Both start at 0: 10, 20, 70, 60 costs 140 and 80, 90, 30, 40 costs 2 x 180.

    With the tails exchanged, the cheap vehicle follows its tail to 60, 70, 80 and 90
    for 180, and the dear one drives 80.
    """
    places = [10, 20, 70, 60, 80, 90, 30, 40]
    both = {"start": "a", "end": "a"}
    compiled = between_depots(
        places, [{"deliver": (1,)}] * 8, capacity=(4,), a=both, b=both | {"distance_cost": 2}
    )
    only_by_tails(compiled, HEAD_ROUTES, 140 + 2 * 180, 180 + 2 * 80)


@pytest.mark.parametrize(("rate", "cost"), [(0.0, 48), (1.0, 44)])
def test_what_a_ruin_leaves_goes_to_a_smaller_vehicle(rate: float, cost: int) -> None:
    """A van at 2 a distance serves 10, 11 and 12 for 48; small ones at 1 hold two stops.

    One stop less, and no more, saves the van 2 or nothing, while the stop alone costs a
    small vehicle 20 to 24. If what is left moves to a small one at once, both cost 24 + 20.
    """
    both = {"start": "a", "end": "a"}
    compiled = between_depots(
        [10, 11, 12],
        [{"deliver": (1,)}] * 3,
        a=both | {"capacity": (3,), "distance_cost": 2},
        b=both | {"capacity": (2,), "count": 2},
    )
    assert compiled.arrays.kind is Kind.PLAIN and Feature.TWINS in compiled.arrays.features
    single = Parameters(
        blink_rate=0.0, mean_removed=0.5, longest_string=1, fit_rate=0.0, shrink_rate=rate
    )
    engine = RouteSearch(compiled.arrays, single, 1)
    engine.load([(0, [0, 1, 2])], FOREVER)
    engine.run(FOREVER, 400, 0.0, 1.0, 400, 1e-3, 1e-3)
    assert engine.best_cost == cost
