"""Choosing vehicles anew: two routes joined, one cut, and vehicles exchanged.

All vehicles stand at 0 on a line, so that driving to x and back is 2 x.
"""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest

from router._core import RouteSearch
from router.freight.routes.compile import Compiled
from router.search.parameters import Parameters
from router.search.problem import Feature, Kind
from tests.search.test_swap_tails import between_depots
from tests.search.test_tails import FOREVER, Routes

BOTH = {"start": "a", "end": "a"}


def fleet(places: list[int], a: dict[str, Any], b: dict[str, Any], **more: Any) -> Compiled:
    """One good for each place; vehicles a and b, both at 0."""
    goods = [{"deliver": (1,)}] * len(places)
    compiled = between_depots(places, goods, a=BOTH | a, b=BOTH | b, **more)
    assert compiled.arrays.kind is Kind.PLAIN and Feature.TWINS in compiled.arrays.features
    return compiled


def reached(compiled: Compiled, routes: Routes, **rates: float) -> int:
    """Return the best cost found from the routes, almost without a temperature."""
    still: dict[str, Any] = {"blink_rate": 0.0, "fit_rate": 0.0, "longest_string": 1}
    parameters = Parameters(mean_removed=0.5, **(still | rates))
    engine = RouteSearch(compiled.arrays, parameters, 1)
    engine.load(routes, FOREVER)
    assert engine.best_missing == 0
    engine.run(FOREVER, 400, 0.0, 1.0, 400, 1e-3, 1e-3)
    for _, kind, items in engine.best():
        assert engine.judge(kind, items)[0]
    return engine.best_cost


@pytest.mark.parametrize(("rate", "cost"), [(0.0, 320), (1.0, 240)])
def test_two_routes_joined_get_a_larger_vehicle(rate: float, cost: int) -> None:
    """Two vans of two stops drive 80 each at 2 a distance; one of four drives 80 at 3."""
    compiled = fleet(
        [40] * 4,
        {"capacity": (4,), "distance_cost": 3},
        {"capacity": (2,), "distance_cost": 2, "count": 2},
    )
    start: Routes = [(1, [0, 1]), (1, [2, 3])]
    assert reached(compiled, start, tail_rate=1.0, refit_rate=rate) == cost


@pytest.mark.parametrize(("rate", "cost"), [(0.0, 300), (1.0, 200)])
def test_a_cut_route_gets_two_smaller_vehicles(rate: float, cost: int) -> None:
    """One van drives 100 to both sides of 0 at 3 a distance; two drive 60 and 40 at 2."""
    compiled = fleet(
        [30, 29, -19, -20],
        {"capacity": (4,), "distance_cost": 3},
        {"capacity": (2,), "distance_cost": 2, "count": 2},
    )
    start: Routes = [(0, [0, 1, 2, 3])]
    assert reached(compiled, start, tail_rate=1.0, refit_rate=rate) == cost


def test_no_vehicle_is_used_twice() -> None:
    """One small van only: the other part of the cut route would need the van itself."""
    small = {"capacity": (2,), "distance_cost": 2}
    compiled = fleet([30, 29, -19, -20], {"capacity": (4,), "distance_cost": 3}, small)
    start: Routes = [(0, [0, 1, 2, 3])]
    # The small van takes the far side for 120, the large one the near side for 120.
    assert reached(compiled, start, tail_rate=1.0, refit_rate=1.0) == 240


@pytest.mark.parametrize(("rate", "cost"), [(0.0, 24 + 2 * 184), (1.0, 184 + 2 * 24)])
def test_ruined_routes_exchange_vehicles(rate: float, cost: int) -> None:
    """Both vans are full and in use; the dear one drives the long way."""
    compiled = fleet(
        [10, 11, 12, 90, 91, 92],
        {"capacity": (3,)},
        {"capacity": (3,), "distance_cost": 2},
    )
    start: Routes = [(0, [0, 1, 2]), (1, [3, 4, 5])]
    assert reached(compiled, start, trade_rate=rate) == cost


def partitions(items: list[int]) -> list[list[list[int]]]:
    """All ways to part some items into sets."""
    if not items:
        return [[]]
    first, rest = items[0], partitions(items[1:])
    alone = [[[first], *parts] for parts in rest]
    return alone + [
        [*parts[:k], [first, *parts[k]], *parts[k + 1 :]]
        for parts in rest
        for k in range(len(parts))
    ]


def least_cost(places: list[int], vans: list[tuple[int, int, int]]) -> int:
    """Best of all plans: each van is (capacity, fixed cost, cost of a distance)."""
    best = 10**9
    for parts in partitions(list(range(len(places)))):
        for chosen in permutations(vans, len(parts)):
            cost = 0
            for part, (room, fixed, unit) in zip(parts, chosen, strict=True):
                here = [places[k] for k in part]
                way = 2 * (max(0, *here) - min(0, *here)) if len(here) > 1 else 2 * abs(here[0])
                cost += fixed + unit * way if len(part) <= room else 10**9
            best = min(best, cost)
    return best


@pytest.mark.parametrize("seed", range(12))
def test_the_best_of_all_plans_is_found(seed: int) -> None:
    """Against every partition of five stops among three vans of each of two types."""
    rng = np.random.default_rng(seed)
    places = [int(x) for x in rng.integers(1, 60, 5) * rng.choice([-1, 1], 5)]
    large = (int(rng.integers(3, 6)), int(rng.integers(0, 80)), int(rng.integers(2, 6)))
    small = (int(rng.integers(1, 4)), int(rng.integers(0, 80)), int(rng.integers(1, 4)))
    names = ("capacity", "fixed_cost", "distance_cost")
    a, b = (
        {names[0]: van[:1], names[1]: van[1], names[2]: van[2], "count": 3}
        for van in (large, small)
    )
    goods = [{"deliver": (1,)}] * 5
    compiled = between_depots(places, goods, a=BOTH | a, b=BOTH | b)
    parameters = Parameters(tail_rate=0.5, refit_rate=0.8, trade_rate=0.3)
    engine = RouteSearch(compiled.arrays, parameters, 1)
    engine.construct(FOREVER)
    engine.run(FOREVER, 20_000, 0.0, 1.0, 20_000, 100.0, 0.1)
    assert engine.best_cost == least_cost(places, [large] * 3 + [small] * 3)
